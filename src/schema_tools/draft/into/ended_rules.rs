//! Which keys, indexes and checks of a table end with the newest version.
//!
//! One ends where the source has it no longer. One that the source has in words which no draft can
//! translate was written by a person, and stays as long as it has the same shape.

use model::{Table, expression};

use super::columns::{Change, Fate};
use super::rules::{self, List, Place, Rule};
use super::tables::{EditNotes, Edited};
use crate::schema_tools::draft::residue::{Kind, Subject};

/// Which rules end, and which begin.
pub struct Rules {
    /// Those that end, with their places.
    pub closed: Vec<(Rule, Place)>,
    /// New ones.
    pub opened: Vec<Rule>,
    /// Those that hold on.
    pub held: Vec<Rule>,
}

enum RuleEnd {
    /// Its range ends.
    Closes,
    /// It is the file's own.
    Stays,
}

impl Edited<'_> {
    /// Compares the rules of both sides; what is left as it is, is said.
    pub fn compare_rules(
        &mut self,
        old: &Table,
        new: &Table,
        changes: &[Change],
        edit_notes: &mut EditNotes,
    ) -> Rules {
        let (old, new) = (rules::rules_of_table(old), rules::rules_of_table(new));
        let (gone, added) = rules::find_unmatched(&old, &new);
        let (mut closed, mut held) = (Vec::new(), Vec::new());
        for (place, rule) in old.into_iter().enumerate() {
            if !gone.contains(&place) {
                held.push(rule);
                continue;
            }
            let at = rules::find_place_of_rule(&rule, self.both.file, self.both.newest);
            // A name has one rule: a new one of that name takes the place.
            let named = |place: &usize| new.get(*place).is_some_and(|new| new.name == rule.name);
            let end = match (self.decide_end_of_rule(&rule, changes), added.iter().any(named)) {
                (RuleEnd::Stays, true) => RuleEnd::Closes,
                (end, _) => end,
            };
            match (end, at) {
                (RuleEnd::Closes, Some(at)) => closed.push((rule, at)),
                _ => {
                    edit_notes.left.push(rule.shown());
                    held.push(rule);
                }
            }
        }
        let opened = new.into_iter().enumerate().filter(|(place, _)| added.contains(place));
        Rules { closed, held, opened: opened.map(|(_, rule)| rule).collect() }
    }

    /// What ends beside the rules that are compared, by list and place: constraints in PostgreSQL's
    /// words that name a column which is gone, with their names, and keys and indexes without an
    /// end whose columns were gone and are back. What the source has of those is new.
    pub fn find_other_ended_rules(
        &self,
        changes: &[Change],
    ) -> Vec<(&'static str, usize, Option<String>)> {
        let file = self.both.file;
        let here = |name: &str| changes.iter().find(|change| change.name == name);
        let gone =
            |name: &String| here(name).is_some_and(|change| matches!(change.fate, Fate::Gone));
        let mut all = Vec::new();
        for (index, rule) in file.rules.iter().enumerate() {
            let named = expression::column_names(&rule.item.definition);
            if rule.range.has_version(self.both.newest) && named.iter().any(gone) {
                all.push(("constraint", index, Some(rule.item.name.clone())));
            }
        }
        let there = |name: &str| match here(name) {
            Some(change) => !matches!(change.fate, Fate::Gone),
            None => rules::has_column(file, self.both.newest, name),
        };
        let back = rules::find_inactive_rules(file, self.both.newest, there);
        all.extend(back.into_iter().map(|(list, index)| (list.key(), index, None)));
        all
    }

    /// What becomes of a rule that the source does not have as the file states it.
    fn decide_end_of_rule(&mut self, rule: &Rule, changes: &[Change]) -> RuleEnd {
        let gone = |name: &str| {
            changes.iter().any(|change| change.name == name && matches!(change.fate, Fate::Gone))
        };
        let needs = |name: &String| rule.columns.contains(name) || rule.names(name);
        if changes.iter().any(|change| gone(&change.name) && needs(&change.name)) {
            return RuleEnd::Closes;
        }
        if let Some(parent) = rule.parent
            && !self.wanted.iter().any(|file| file.name == parent)
        {
            return RuleEnd::Closes;
        }
        if self.is_untranslated(rule) {
            return RuleEnd::Stays;
        }
        let lines =
            || self.both.file.columns.iter().filter(|l| l.range.has_version(self.both.newest));
        let computed = |name: &String| {
            lines().any(|line| line.item.name == *name && line.item.generated.is_some())
        };
        match rule.list {
            // A check of the target may well be nobody's in SQLite.
            List::Check => RuleEnd::Stays,
            _ if rule.columns.iter().any(computed) => RuleEnd::Stays,
            // SQLite has trees only.
            List::Index if rule.is_foreign() => RuleEnd::Stays,
            _ => RuleEnd::Closes,
        }
    }

    /// Whether the source has such a rule, in words that no draft can translate: a person did.
    fn is_untranslated(&mut self, rule: &Rule) -> bool {
        let source = &self.both.own.name;
        let parent = self.wanted.iter().find(|file| Some(file.name.as_str()) == rule.parent);
        let what = match (rule.list, parent) {
            (List::ForeignKey, Some(parent)) => Subject::ForeignKeyTo(parent.source.clone()),
            (List::ForeignKey, None) | (List::Unique, _) => return false,
            (List::Index, _) => Subject::Index(rule.name.clone()),
            (List::Check, _) => Subject::Check(rule.name.clone()),
        };
        if !self.has_similar_rule(rule) {
            return false;
        }
        let before = self.lost.len();
        self.lost.retain(|item| {
            !(item.kind == Kind::Lost && item.table == *source && item.what == what)
        });
        self.lost.len() < before
    }

    /// Whether the source has a rule of that shape.
    fn has_similar_rule(&self, rule: &Rule) -> bool {
        let own = self.both.own;
        let source = |name: &String| {
            let lines = self.both.wanted.columns.iter().map(|line| &line.item);
            let line = lines.clone().find(|line| line.name == *name);
            line.map(|line| line.source.to_ascii_lowercase())
        };
        let sources: Vec<_> = rule.columns.iter().filter_map(source).collect();
        let same = |names: &[String]| {
            let lower: Vec<String> = names.iter().map(|name| name.to_ascii_lowercase()).collect();
            lower == sources
        };
        match rule.list {
            List::Index => own.indexes.iter().any(|index| {
                index.name == rule.name
                    && rule.is_like(index.unique, index.parts.len(), index.partial)
            }),
            List::ForeignKey => own.foreign_keys.iter().any(|key| same(&key.columns)),
            List::Check => own.ddl.checks.iter().any(|(name, text)| {
                let sorted = |text: &str| {
                    let mut names = expression::column_names(text);
                    names.sort();
                    names.dedup();
                    names
                };
                name.as_deref().is_none_or(|name| name == rule.name)
                    && sorted(text) == sorted(&rule.item.text)
            }),
            List::Unique => false,
        }
    }
}
