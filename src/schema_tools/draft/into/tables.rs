//! What differs in a table that the schema knows already, and its file with that written into it.

use model::file::{
    ColumnLine, Directory, ForeignKeyLine, IndexLine, Ranged, TableFile, UniqueLine,
};
use model::{Table, resolve};

use super::columns::{self, Both, Change, Fate};
use super::edit::File;
use super::ended_rules::Rules;
use super::rules::{self, List, Place, Rule};
use crate::schema_tools::draft::build::since_draft_version;
use crate::schema_tools::draft::residue::Residue;
use crate::schema_tools::draft::write;

/// What is said about a table, and what is left as it is.
#[derive(Debug, Default)]
pub struct EditNotes {
    /// What changed, in words.
    pub changed: Vec<String>,
    /// What the file says and the source does not, so that it stays.
    pub left: Vec<String>,
}

/// A known table whose file is edited.
pub struct Edited<'a> {
    /// Both sides.
    pub both: Both<'a>,
    /// The whole directory.
    pub directory: &'a Directory,
    /// The tables as a draft would describe them.
    pub wanted: &'a [TableFile],
    /// What a draft could not say.
    pub lost: &'a mut Vec<Residue>,
    /// The version's name.
    pub version: &'a str,
}

impl Edited<'_> {
    /// Edits the file's text.
    ///
    /// # Errors
    /// A form of the file that cannot be edited, in words.
    pub fn edit_file(
        &mut self,
        text: &str,
        renamed: impl Fn(&Both<'_>, &[Change]) -> Vec<(String, String)>,
    ) -> Result<(String, EditNotes), String> {
        let mut file = File::new(text, self.version)?;
        let mut edit_notes = EditNotes::default();
        let (old, new) = (self.described_table(), self.drafted_table());
        let changes = self.both.find_column_changes();
        let renames = renamed(&self.both, &changes);
        let mut rules = self.compare_rules(&old, &new, &changes, &mut edit_notes);
        edit_notes.left.extend(self.both.find_stated_only_in_file(&changes));
        let begun = rules.opened.clone();
        self.change_primary_key(&mut file, &old, &new, &mut edit_notes)?;
        let mut order = self.columns_in_file_order();
        let mut before: Option<String> = None;
        for change in &changes {
            let was = renames.iter().find(|(_, new)| *new == change.name).map(|(was, _)| &**was);
            let mut notes: Vec<String> = change.note.iter().cloned().collect();
            notes.extend(was.into_iter().flat_map(|was| self.describe_rename(was, &change.name)));
            let mut place = Placed { before: before.as_deref(), order: &mut order };
            self.write_column(&mut file, change, &notes, &mut rules, &mut place)?;
            describe_column_change(change, was, &mut edit_notes);
            if !matches!(change.fate, Fate::Gone) {
                before = Some(change.name.clone());
            }
        }
        self.close(&mut file, &rules, &changes)?;
        edit_notes.changed.extend(describe_rule_changes(&rules, &begun, &changes));
        edit_notes.changed.extend(
            self.find_other_ended_rules(&changes)
                .into_iter()
                .filter_map(|(list, _, name)| Some(format!("{list} {}: gone", name?))),
        );
        for rule in &rules.opened {
            if let Some(text) = self.rule_block(rule) {
                file.add_block(rule.list.key(), &text)?;
            }
        }
        Ok((file.text(), edit_notes))
    }

    /// Ends the rules that do not go on, also those that a column which is gone takes with it: it
    /// may come back without them.
    fn close(&self, file: &mut File, rules: &Rules, changes: &[Change]) -> Result<(), String> {
        for (rule, place) in &rules.closed {
            if let Place::Block(place) = place {
                file.close_block(rule.list.key(), *place)?;
            }
        }
        let others = self.find_other_ended_rules(changes);
        others.iter().try_for_each(|(list, place, _)| file.close_block(list, *place))
    }

    fn described_table(&self) -> Table {
        let all: Vec<&TableFile> = self.directory.tables.iter().collect();
        let here: Vec<&TableFile> =
            all.into_iter().filter(|file| file.range.has_version(self.both.newest)).collect();
        resolve::table_at(self.both.file, &here, self.both.newest)
    }

    fn drafted_table(&self) -> Table {
        let all: Vec<&TableFile> = self.wanted.iter().collect();
        resolve::table_at(self.both.wanted, &all, 0)
    }

    /// The columns in the order of the file, each once.
    fn columns_in_file_order(&self) -> Vec<String> {
        let mut order: Vec<String> = Vec::new();
        for line in &self.both.file.columns {
            if order.last() != Some(&line.item.name) {
                order.push(line.item.name.clone());
            }
        }
        order
    }

    /// A renamed column cannot be known: what to do if it is one.
    fn describe_rename(&self, was: &str, name: &str) -> Vec<String> {
        let (source, version) = (write::text(name), self.version);
        vec![
            format!(
                "probably `{was}` with a new name: it is at the same position, and its values fit. \
                 If the column in PostgreSQL has the new name too, this line is correct. If it has \
                 the old name, delete this line and write"
            ),
            format!(
                "{} = [{{ …, versions = \"..{version}\" }}, {{ …, source = {source}, versions = \
                 \"{version}..\" }}]",
                write::toml_key(was)
            ),
        ]
    }

    fn change_primary_key(
        &self,
        file: &mut File,
        old: &Table,
        new: &Table,
        edit_notes: &mut EditNotes,
    ) -> Result<(), String> {
        if old.primary_key == new.primary_key || self.both.file.source_key.is_some() {
            return Ok(());
        }
        let columns: Vec<String> = new.primary_key.iter().map(|name| (*name).to_owned()).collect();
        file.change_key(!old.primary_key.is_empty(), &columns)?;
        let shown = |key: &[&str]| format!("({})", key.join(", "));
        let (one, two) = (shown(old.primary_key), shown(new.primary_key));
        edit_notes.changed.push(format!("primary key: {one} → {two}"));
        Ok(())
    }

    /// Writes what becomes of a column.
    fn write_column(
        &self,
        file: &mut File,
        change: &Change,
        notes: &[String],
        rules: &mut Rules,
        place: &mut Placed<'_>,
    ) -> Result<(), String> {
        let name = &change.name;
        let own = |(_, place): &(Rule, Place)| *place == Place::Column(name.clone());
        match &change.fate {
            Fate::Gone => file.close_column(name),
            Fate::Same(_) if !rules.closed.iter().any(own) => match notes.is_empty() {
                true => Ok(()),
                false => file.add_notes(name, notes),
            },
            Fate::Same(line) | Fate::Changed(line, _) => {
                let line = self.column_line(line, rules);
                file.change_column(name, &line, notes)
            }
            Fate::New(line) => {
                let line = self.column_line(line, rules);
                if place.order.contains(name) {
                    return file.open_line(name, &line, notes);
                }
                let after = place.insert_column(name, &self.both);
                file.add_column(name, after.as_deref(), &line, notes)
            }
        }
    }

    /// A column's line with the keys on it alone: those that hold, and new ones, which are taken.
    fn column_line(&self, line: &ColumnLine, rules: &mut Rules) -> String {
        let mut around =
            TableFile { uniques: Vec::new(), foreign_keys: Vec::new(), ..self.both.file.clone() };
        let on_it = |rule: &Rule| rule.columns.iter().all(|column| *column == line.name);
        let in_line = |rule: &&Rule| {
            let place = rules::find_place_of_rule(rule, self.both.file, self.both.newest);
            on_it(rule) && place == Some(Place::Column(line.name.clone()))
        };
        let held: Vec<&Rule> = rules.held.iter().filter(in_line).collect();
        for rule in held {
            let (uniques, keys) = (&self.both.file.uniques, &self.both.file.foreign_keys);
            around
                .uniques
                .extend(find_line(uniques, |item| item.name == rule.name).map(since_draft_version));
            around
                .foreign_keys
                .extend(find_line(keys, |item| item.name == rule.name).map(since_draft_version));
        }
        for key in &mut around.foreign_keys {
            if key.item.to.is_empty() {
                let parent = self.wanted.iter().find(|file| file.name == key.item.table);
                let implied = parent.and_then(|parent| parent.primary_keys.first());
                key.item.to = implied.map(|key| key.item.clone()).unwrap_or_default();
            }
        }
        rules.opened.retain(|rule| {
            let unique =
                self.unique_line(rule).filter(|unique| write::is_unique_inline(&around, unique));
            let key = self.foreign_key(rule).filter(|k| write::is_foreign_key_inline(&around, k));
            let inline = on_it(rule) && !rule.columns.is_empty();
            match (rule.list, unique, key) {
                (List::Unique, Some(unique), _) if inline => {
                    around.uniques.push(since_draft_version(unique))
                }
                (List::ForeignKey, _, Some(key)) if inline => {
                    around.foreign_keys.push(since_draft_version(key))
                }
                _ => return true,
            }
            false
        });
        write::column_toml(&around, line, self.is_still_guess(line))
    }

    /// Whether a line that holds from now on is a guess as before: what the application's own file
    /// tells is none.
    fn is_still_guess(&self, line: &ColumnLine) -> bool {
        let mut lines =
            self.both.file.columns.iter().filter(|l| l.range.has_version(self.both.newest));
        let old = lines.find(|old| old.item.name == line.name);
        old.is_some_and(|old| old.guess && (old.item.ty, old.item.stored) == (line.ty, line.stored))
    }

    fn unique_line(&self, rule: &Rule) -> Option<UniqueLine> {
        find_line(&self.both.wanted.uniques, |item| item.name == rule.name)
    }

    fn foreign_key(&self, rule: &Rule) -> Option<ForeignKeyLine> {
        find_line(&self.both.wanted.foreign_keys, |item| item.name == rule.name)
    }

    /// A rule as a table of its list.
    fn rule_block(&self, rule: &Rule) -> Option<String> {
        let mut out = String::new();
        let wanted = self.both.wanted;
        match rule.list {
            List::Unique => write::push_unique(&mut out, self.both.file, &self.unique_line(rule)?),
            List::ForeignKey => {
                write::push_foreign_key(&mut out, self.both.file, &self.foreign_key(rule)?);
            }
            List::Index => {
                let named = |item: &IndexLine| item.name == rule.name;
                write::push_index(&mut out, &find_line(&wanted.indexes, named)?);
            }
            List::Check => {
                write::push_check(
                    &mut out,
                    &find_line(&wanted.checks, |item| item.name == rule.name)?,
                );
            }
        }
        write::write_guess(&mut out, self.both.file, false);
        Some(out)
    }
}

/// Where a new column goes.
struct Placed<'a> {
    before: Option<&'a str>,
    order: &'a mut Vec<String>,
}

impl Placed<'_> {
    /// The column of the file behind which a new one comes: the one before it in the source, and
    /// behind that whatever is gone.
    fn insert_column(&mut self, name: &str, both: &Both<'_>) -> Option<String> {
        let there = |name: &str| both.wanted.columns.iter().any(|line| line.item.name == name);
        let known = |before: &str| self.order.iter().position(|known| known == before);
        let mut at = self.before.and_then(known).map_or(0, |at| at + 1);
        while self.order.get(at).is_some_and(|next| !there(next)) {
            at += 1;
        }
        self.order.insert(at, name.to_owned());
        at.checked_sub(1).and_then(|at| self.order.get(at)).cloned()
    }
}

fn find_line<T: Clone>(lines: &[Ranged<T>], is: impl Fn(&T) -> bool) -> Option<T> {
    lines.iter().rfind(|line| is(&line.item)).map(|line| line.item.clone())
}

/// What became of the rules: one that ended and begins again in other words has changed.
fn describe_rule_changes(rules: &Rules, begun: &[Rule], changes: &[Change]) -> Vec<String> {
    let same = |one: &Rule, two: &Rule| one.list == two.list && one.name == two.name;
    let mut all = Vec::new();
    for (rule, _) in &rules.closed {
        all.push(match begun.iter().find(|new| same(new, rule)) {
            Some(new) => format!("{}: {} → {}", rule.shown(), rule.text(), new.text()),
            None => format!("{}: gone", rule.shown()),
        });
    }
    for rule in begun.iter().filter(|new| !rules.closed.iter().any(|(old, _)| same(new, old))) {
        // What the line of a new column says is new with it.
        let with = |change: &Change| {
            matches!(change.fate, Fate::New(_)) && rule.columns.contains(&change.name)
        };
        let own = rules.opened.iter().any(|opened| same(opened, rule));
        if own || !changes.iter().any(with) {
            all.push(format!("{}: new, {}", rule.shown(), rule.text()));
        }
    }
    all
}

fn describe_column_change(change: &Change, was: Option<&str>, edit_notes: &mut EditNotes) {
    let name = &change.name;
    match &change.fate {
        Fate::Gone => edit_notes.changed.push(format!("column {name}: gone")),
        Fate::Changed(_, words) => {
            edit_notes.changed.push(format!("column {name}: {}", words.join(", ")));
        }
        Fate::New(line) => {
            let like = match was {
                Some(was) => format!("; probably {was} with a new name, see its comment"),
                None => String::new(),
            };
            edit_notes
                .changed
                .push(format!("column {name}: new, {}{like}", columns::describe_line(line)));
        }
        Fate::Same(_) => {}
    }
}
