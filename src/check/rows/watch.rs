//! What is learned of a table's values while its rows are read: no second reading is needed then.

use super::plain::{Plain, plain_predicate};
use super::profile::Profile;
use crate::codec::Cell;
use crate::keys::ids::{Ids, Room};
use crate::plan::Copy;

/// What is seen of a table.
#[derive(Debug)]
pub struct WatchedTable<'a> {
    columns: Vec<Column<'a>>,
}

/// What is seen of a column.
#[derive(Debug)]
struct Column<'a> {
    name: &'static str,
    plain: Plain,
    all_plain: bool,
    /// Where the column takes part in a reference between whole numbers.
    ids: Option<Ids<'a>>,
    profile: Profile,
}

impl<'a> WatchedTable<'a> {
    /// Nothing yet of a table; `referring` says of which columns the ids are wanted.
    pub fn start_watching(
        copy: &Copy,
        utf16: bool,
        referring: &[&str],
        room: &'a Room,
    ) -> WatchedTable<'a> {
        let columns = copy.table().copied_columns().map(|column| Column {
            name: column.name,
            plain: if utf16 { |_| false } else { plain_predicate(column.ty, column.stored) },
            all_plain: true,
            ids: referring.contains(&column.name).then(|| Ids::new(room)),
            profile: Profile::empty_for_column(column),
        });
        WatchedTable { columns: columns.collect() }
    }

    /// Sees a value; `field` is what became of it, none where it is NULL or refused.
    #[inline]
    pub fn observe_value(&mut self, index: usize, cell: Cell<'_>, field: Option<&[u8]>) {
        let Some(column) = self.columns.get_mut(index) else { return };
        column.profile.observe_value(cell, field);
        // A refused value is a finding, and neither a key nor a reference.
        if field.is_none() {
            return;
        }
        if column.all_plain {
            column.all_plain = (column.plain)(cell);
        }
        match (&mut column.ids, cell) {
            (Some(ids), Cell::Integer(id)) => ids.add(id),
            (Some(ids), _) => ids.give_up(),
            (None, _) => {}
        }
    }

    /// Whether all values of a column are plain.
    pub fn is_plain_column(&self, column: &str) -> bool {
        self.watched_column(column).is_some_and(|column| column.all_plain)
    }

    /// The ids in a column, where they were wanted.
    pub fn ids_in_column(&self, column: &str) -> Option<&Ids<'a>> {
        self.watched_column(column)?.ids.as_ref()
    }

    /// The columns' profiles, in their order, as they are now.
    pub fn profiles(&self) -> Vec<Profile> {
        self.columns.iter().map(|column| column.profile.clone()).collect()
    }

    /// The columns' profiles, in their order.
    pub fn into_profiles(self) -> Vec<Profile> {
        self.columns.into_iter().map(|column| column.profile).collect()
    }

    fn watched_column(&self, name: &str) -> Option<&Column<'a>> {
        self.columns.iter().find(|column| column.name == name)
    }
}
