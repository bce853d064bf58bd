//! Which name of PostgreSQL a name of SQLite is: the one that a person has said, the same, the one
//! that a draft would give it, the same but for case, the same but for case and underscores. Each
//! step takes only what is unique on both sides, and the later ones are said.

use std::collections::BTreeMap;

/// How two names were brought together.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum How {
    /// As a person has said.
    Given,
    /// Letter by letter.
    Exact,
    /// PostgreSQL cannot have the name itself, and has the one that stands for it.
    Instead,
    /// But for upper and lower case.
    Case,
    /// But for case and underscores.
    Alike,
}

/// Each left name's place among the right ones. A left name comes with what a draft would call it;
/// `given` has pairs that a person has named.
pub fn pair_names(
    left: &[(&str, &str)],
    right: &[&str],
    given: &[(&str, &str)],
) -> Vec<Option<(usize, How)>> {
    let mut found: Vec<Option<(usize, How)>> = vec![None; left.len()];
    let mut free: Vec<bool> = vec![true; right.len()];
    for (source, target) in given {
        let own = left.iter().position(|(name, _)| name == source);
        let there = right.iter().position(|name| name == target);
        if let (Some(own), Some(there)) = (own, there)
            && let (Some(found), Some(free)) = (found.get_mut(own), free.get_mut(there))
        {
            (*found, *free) = (Some((there, How::Given)), false);
        }
    }
    for how in [How::Exact, How::Instead, How::Case, How::Alike] {
        let mut groups: BTreeMap<String, (Vec<usize>, Vec<usize>)> = BTreeMap::new();
        for (index, (name, instead)) in left.iter().enumerate() {
            if found.get(index).is_some_and(Option::is_none) {
                let name = if how == How::Instead { instead } else { name };
                groups.entry(comparison_key(name, how)).or_default().0.push(index);
            }
        }
        for (index, name) in right.iter().enumerate() {
            if free.get(index) == Some(&true) {
                groups.entry(comparison_key(name, how)).or_default().1.push(index);
            }
        }
        for (source_columns, target_columns) in groups.values() {
            if let ([own], [there]) = (&**source_columns, &**target_columns)
                && let (Some(found), Some(free)) = (found.get_mut(*own), free.get_mut(*there))
            {
                (*found, *free) = (Some((*there, how)), false);
            }
        }
    }
    found
}

fn comparison_key(name: &str, how: How) -> String {
    match how {
        How::Given | How::Exact | How::Instead => name.to_owned(),
        How::Case => name.to_lowercase(),
        How::Alike => name.to_lowercase().replace('_', ""),
    }
}
