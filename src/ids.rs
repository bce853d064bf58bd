//! Which of a run's databases and targets something belongs to, and values that are looked up by
//! that.

use std::collections::BTreeMap;
use std::fmt;

use crate::diagnostic::{Error, Result};

/// One database of a run: its position in the request, from 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct DatabaseId(usize);

/// One target connection of a run, in the order in which they were opened.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct TargetId(usize);

/// At most one value for each database or target, in their order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ById<I, T> {
    values: BTreeMap<I, T>,
}

/// At most one value for each database.
pub type PerDatabase<T> = ById<DatabaseId, T>;

/// At most one value for each target.
pub type PerTarget<T> = ById<TargetId, T>;

impl DatabaseId {
    /// The database at this position in the request.
    pub const fn new(position: usize) -> DatabaseId {
        DatabaseId(position)
    }
}

impl TargetId {
    /// The target that was opened after so many others.
    pub const fn new(position: usize) -> TargetId {
        TargetId(position)
    }
}

impl fmt::Display for DatabaseId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "database {}", self.0 + 1)
    }
}

impl fmt::Display for TargetId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "target {}", self.0 + 1)
    }
}

impl<I: Copy + Ord + fmt::Display, T> ById<I, T> {
    /// Sets the value of one.
    pub fn insert(&mut self, id: I, value: T) {
        self.values.insert(id, value);
    }

    /// Takes the value of one out.
    pub fn remove(&mut self, id: I) {
        self.values.remove(&id);
    }

    /// The value that must be there.
    ///
    /// # Errors
    /// When there is none, which is a bug in this program.
    pub fn get(&self, id: I) -> Result<&T> {
        self.values.get(&id).ok_or_else(|| missing_value_error::<T>(id))
    }

    /// The same, to be changed.
    ///
    /// # Errors
    /// When there is none, which is a bug in this program.
    pub fn get_mut(&mut self, id: I) -> Result<&mut T> {
        self.values.get_mut(&id).ok_or_else(|| missing_value_error::<T>(id))
    }

    /// The value, where there is one.
    pub fn find(&self, id: I) -> Option<&T> {
        self.values.get(&id)
    }

    /// The same, to be changed.
    pub fn find_mut(&mut self, id: I) -> Option<&mut T> {
        self.values.get_mut(&id)
    }

    /// The value, made when it is first asked for.
    ///
    /// # Errors
    /// Those of `make`.
    pub fn get_or_insert_with(
        &mut self,
        id: I,
        make: impl FnOnce() -> Result<T>,
    ) -> Result<&mut T> {
        match self.values.entry(id) {
            std::collections::btree_map::Entry::Occupied(found) => Ok(found.into_mut()),
            std::collections::btree_map::Entry::Vacant(entry) => Ok(entry.insert(make()?)),
        }
    }

    /// All values.
    pub fn iter(&self) -> impl Iterator<Item = &T> + Clone {
        self.values.values()
    }

    /// All values, to be changed.
    pub fn iter_mut(&mut self) -> impl Iterator<Item = &mut T> {
        self.values.values_mut()
    }

    /// All values with what they belong to.
    pub fn entries(&self) -> impl Iterator<Item = (I, &T)> {
        self.values.iter().map(|(id, value)| (*id, value))
    }

    /// The same, to be changed.
    pub fn entries_mut(&mut self) -> impl Iterator<Item = (I, &mut T)> {
        self.values.iter_mut().map(|(id, value)| (*id, value))
    }

    /// Whose values there are.
    pub fn ids(&self) -> impl Iterator<Item = I> {
        self.values.keys().copied()
    }

    /// What is made of each value.
    pub fn map<'a, U>(&'a self, make: impl Fn(&'a T) -> U) -> ById<I, U> {
        self.entries().map(|(id, value)| (id, make(value))).collect()
    }
}

fn missing_value_error<T>(id: impl fmt::Display) -> Error {
    let kind = std::any::type_name::<T>();
    Error::internal(&format!("{id} has no {}", kind.rsplit("::").next().unwrap_or(kind)))
}

impl<I, T> Default for ById<I, T> {
    fn default() -> ById<I, T> {
        ById { values: BTreeMap::new() }
    }
}

impl<I: Ord, T> FromIterator<(I, T)> for ById<I, T> {
    fn from_iter<A: IntoIterator<Item = (I, T)>>(all: A) -> ById<I, T> {
        ById { values: all.into_iter().collect() }
    }
}

impl<I, T> IntoIterator for ById<I, T> {
    type Item = (I, T);
    type IntoIter = std::collections::btree_map::IntoIter<I, T>;

    fn into_iter(self) -> Self::IntoIter {
        self.values.into_iter()
    }
}

impl<'a, I, T> IntoIterator for &'a ById<I, T> {
    type Item = &'a T;
    type IntoIter = std::collections::btree_map::Values<'a, I, T>;

    fn into_iter(self) -> Self::IntoIter {
        self.values.values()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diagnostic::Exit;

    #[test]
    fn missing_value_is_an_internal_error() {
        let all: PerDatabase<u8> = [(DatabaseId::new(1), 7)].into_iter().collect();
        assert_eq!(all.get(DatabaseId::new(1)), Ok(&7));
        let error = all.get(DatabaseId::new(0)).unwrap_err();
        assert_eq!(error.exit, Exit::Load);
        assert!(error.to_string().contains("internal error: database 1 has no u8"), "{error}");
    }
}
