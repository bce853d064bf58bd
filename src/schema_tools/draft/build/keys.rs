//! A table's own keys and checks, under names that PostgreSQL keeps apart.

use model::file::{CheckLine, TableFile, UniqueLine};

use super::{Builder, KEY_MAX, since_draft_version};
use crate::schema_tools::draft::expression;
use crate::schema_tools::draft::names::{Taken, primary_key_name};
use crate::schema_tools::draft::residue::{Clause, Kind, Subject};
use crate::sqlite::SourceIndex;

impl Builder<'_> {
    /// PostgreSQL keeps names apart that SQLite does not.
    pub(super) fn note_renamed(&mut self, what: Subject, own: &str, name: &str) {
        if own != name {
            let why = format!("its name in PostgreSQL is {name}");
            self.add_residue(Kind::Changed, what, &why, Clause::None);
        }
    }

    pub(super) fn add_primary_key(&mut self, file: &mut TableFile) {
        let sources: Vec<String> =
            self.table.primary_key_columns().into_iter().map(str::to_owned).collect();
        let key: Vec<String> =
            sources.iter().filter_map(|source| Some(self.target_of(source)?.0)).collect();
        let why = match (key.len(), sources.len()) {
            (_, 0) => return,
            (taken, all) if taken < all => "one of its columns is not copied",
            (taken, _) if taken > KEY_MAX => "a key in PostgreSQL has at most 32 columns",
            _ => "",
        };
        if !why.is_empty() {
            self.add_residue(Kind::Lost, "primary key".into(), why, sources.join(", ").into());
            return;
        }
        file.primary_keys.push(since_draft_version(key));
        let name = self.table.ddl.key.clone();
        if let Some(name) = name.filter(|name| *name != primary_key_name(&self.names.table)) {
            let free = self.taken.free_name(&name);
            self.note_renamed(format!("primary key {name}").into(), &name, &free);
            file.key_name = Some(free);
        } else {
            file.key_name.clone_from(&self.names.key);
        }
    }

    pub(super) fn add_unique(&mut self, index: &SourceIndex, file: &mut TableFile) {
        let sources: Vec<&str> =
            index.parts.iter().filter_map(|part| part.column.as_deref()).collect();
        let columns: Vec<String> =
            sources.iter().filter_map(|source| Some(self.target_of(source)?.0)).collect();
        if columns.len() < sources.len() {
            let why = "one of its columns is not copied";
            self.add_residue(Kind::Lost, "a unique key".into(), why, sources.join(", ").into());
            return;
        }
        let same = |of: &[String]| {
            of.len() == sources.len()
                && of.iter().zip(&sources).all(|(a, b)| a.eq_ignore_ascii_case(b))
        };
        let named = self.table.ddl.uniques.iter().find(|(_, of)| same(of));
        let own = named.map(|(name, _)| name.clone());
        let usual = || format!("{}_{}_key", self.names.table, columns.join("_"));
        let name = self.taken.free_name(&own.clone().unwrap_or_else(usual));
        if let Some(own) = own {
            self.note_renamed(Subject::UniqueKey(own.clone()), &own, &name);
        }
        file.uniques.push(since_draft_version(UniqueLine { name, columns }));
    }

    pub(super) fn add_checks(&mut self, file: &mut TableFile) {
        let known = self.known_columns(true);
        let mut taken = Taken::default();
        taken.take_name(&primary_key_name(&self.names.table));
        file.key_name.iter().for_each(|name| {
            taken.take_name(name);
        });
        file.uniques.iter().for_each(|unique| {
            taken.take_name(&unique.item.name);
        });
        for (name, text) in self.table.ddl.checks.clone() {
            let is_named = name.is_some();
            let wanted = name.unwrap_or_else(|| format!("{}_check", self.names.table));
            match expression::translate_condition(&text, self.scope(&known)) {
                Some(expression) => {
                    let name = taken.free_name(&wanted);
                    if is_named {
                        self.note_renamed(Subject::Check(wanted.clone()), &wanted, &name);
                    }
                    file.checks.push(since_draft_version(CheckLine { name, expression }));
                }
                None => {
                    let why = "PostgreSQL would not accept it, or would read it in another way";
                    self.add_residue(Kind::Lost, Subject::Check(wanted), why, Clause::Check(text));
                }
            }
        }
    }
}
