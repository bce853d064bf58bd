//! What keeps a load out of existing tables whose columns fit, and what should be known before one.
//! Pure.

use super::find_unfit_tables;
use crate::check::undecided::schema_file;
use crate::diagnostic::{Finding, Hint, Hints, Id, Severity};
use crate::postgres::existing::catalog::{ForeignKey, Relation, Survey};
use crate::postgres::facts::{hint_to_grant_create, hints_to_act_as};
use crate::postgres::quote_if_needed;
use crate::schema::Version;
use crate::text::count_with_noun;

/// Everything, for one database that `user` would load: errors first, then what is only told.
pub fn find_load_obstacles(
    database: &str,
    survey: &Survey,
    version: &Version,
    user: &str,
) -> Vec<Finding> {
    let mut judge = Judge {
        database,
        survey,
        version,
        user: quote_if_needed(user),
        not_owned: Vec::new(),
        findings: Vec::new(),
    };
    for schema in &survey.closed_schemas {
        let schema = quote_if_needed(schema);
        let what =
            format!("role {} has no permission to create indexes in schema {schema}", judge.user);
        let hint = hint_to_grant_create(&schema, &judge.user);
        judge.add_error(Id::P2, "", what, hint);
    }
    judge.findings.extend(find_unfit_tables(survey).into_iter().map(|mut finding| {
        database.clone_into(&mut finding.database);
        finding
    }));
    for relation in &survey.relations {
        judge.check_rights(relation);
        judge.check_row_guards(relation);
    }
    survey.keys.iter().for_each(|key| judge.check_foreign_key(key));
    judge.add_not_owned_tables();
    judge.add_notes();
    judge.findings
}

/// How many other tables are named.
const OTHERS: usize = 5;

struct Judge<'a> {
    database: &'a str,
    survey: &'a Survey,
    version: &'a Version,
    user: String,
    not_owned: Vec<NotOwnedTable>,
    findings: Vec<Finding>,
}

/// A table of another role.
#[derive(Clone)]
struct NotOwnedTable {
    owner: String,
    /// The table that the finding is about.
    table: String,
    /// The table of the other role as a person would type it.
    typed: String,
}

impl Judge<'_> {
    fn add_error(&mut self, id: Id, table: &str, what: String, hints: impl Into<Hints>) {
        self.add_finding(id, Severity::Error, table, what, hints);
    }

    fn add_finding(
        &mut self,
        id: Id,
        severity: Severity,
        table: &str,
        what: String,
        hints: impl Into<Hints>,
    ) {
        let mut finding = Finding::without_rows(id, severity, what);
        self.database.clone_into(&mut finding.database);
        table.clone_into(&mut finding.table);
        finding.hints = hints.into();
        self.findings.push(finding);
    }

    /// The table's name as a person would type it.
    fn typed_table_name(&self, name: &str) -> String {
        typed_name(&self.survey.place_of(name))
    }

    fn check_rights(&mut self, relation: &Relation) {
        let (name, user) = (relation.name.as_str(), self.user.clone());
        if !relation.owned {
            self.add_not_owned(&relation.owner, name, &self.typed_table_name(name));
        } else if !relation.lacking.is_empty() {
            let rights = relation.lacking.join(", ");
            let what = format!("role {user} owns the table but lacks privileges on it: {rights}");
            let grant = format!("GRANT {rights} ON {} TO {user};", self.typed_table_name(name));
            let hint = Hint::with_line("grant the privileges, as the table's owner:", grant);
            self.add_error(Id::P2, name, what, hint);
        }
    }

    fn add_not_owned(&mut self, owner: &str, table: &str, typed: &str) {
        let (owner, table, typed) = (quote_if_needed(owner), table.to_owned(), typed.to_owned());
        self.not_owned.push(NotOwnedTable { owner, table, typed });
    }

    /// One finding for each other owner: what helps for one table helps for all of them.
    fn add_not_owned_tables(&mut self) {
        let mut all = std::mem::take(&mut self.not_owned);
        while let Some(NotOwnedTable { owner, table, typed: first }) = all.first().cloned() {
            let (of_owner, rest): (Vec<_>, Vec<_>) =
                all.into_iter().partition(|other| other.owner == owner);
            all = rest;
            let user = self.user.clone();
            let hints = hints_to_act_as(&owner, &user);
            if let [_] = of_owner.as_slice() {
                let what = format!("table {first} belongs to {owner}, not to {user}");
                let alter = format!("ALTER TABLE {first} OWNER TO {user};");
                let hints = hints.and(Hint::with_line("give the table to the role:", alter));
                self.add_error(Id::P2, &table, what, hints);
                continue;
            }
            let tables = count_with_noun(of_owner.len() as u64, "table");
            let what = format!("{tables} belong to {owner}, not to {user}:");
            self.add_error(Id::P2, "", what, hints);
            if let Some(finding) = self.findings.last_mut() {
                finding.details = of_owner.into_iter().map(|other| other.typed).collect();
            }
        }
    }

    fn check_row_guards(&mut self, relation: &Relation) {
        let name = relation.name.as_str();
        if relation.secured {
            let what = format!("row-level security hides rows of the table from {}", self.user);
            let table = self.typed_table_name(name);
            let hint = Hint::with_line(
                "do not apply row-level security to the table's owner:",
                format!("ALTER TABLE {table} NO FORCE ROW LEVEL SECURITY;"),
            );
            self.add_error(Id::K17, name, what, hint);
        }
        if relation.unguarded {
            let what = "triggers of foreign keys are disabled, and only a superuser could disable \
                        them again";
            let table = self.typed_table_name(name);
            let hint = Hint::with_line(
                "enable the triggers, as a superuser:",
                format!("ALTER TABLE {table} ENABLE TRIGGER ALL;"),
            );
            self.add_error(Id::K17, name, what.to_owned(), hint);
        }
        self.check_triggers(relation);
    }

    /// Triggers are disabled during the load, but for those that the table's schema file lets fire.
    fn check_triggers(&mut self, relation: &Relation) {
        let name = relation.name.as_str();
        let described = self.version.tables().find(|table| table.name == name);
        let asked = described.map_or(&[][..], |table| table.fire_triggers);
        let all = || relation.triggers.iter().map(|(trigger, _)| trigger.as_str());
        for trigger in asked.iter().filter(|asked| !all().any(|known| known == **asked)) {
            let what = format!(
                "`fire_triggers` names {trigger}, but the table in PostgreSQL has no enabled \
                 trigger of that name"
            );
            let hint = format!("correct `fire_triggers` in {}", schema_file(self.version, name));
            self.add_error(Id::K17, name, what, hint);
        }
        let (fired, rest): (Vec<&str>, Vec<&str>) = all().partition(|known| asked.contains(known));
        if !fired.is_empty() {
            let what = format!("triggers fire while rows are loaded: {}", fired.join(", "));
            self.add_finding(Id::K17, Severity::Note, name, what, "");
        }
        if !rest.is_empty() {
            let what = format!("triggers are disabled during the load: {}", rest.join(", "));
            self.add_finding(Id::K17, Severity::Note, name, what, "");
        }
    }

    /// A foreign key is dropped and created again: that needs the referring table's owner, and the
    /// right to refer to the other one.
    fn check_foreign_key(&mut self, key: &ForeignKey) {
        let (child, parent) = (typed_name(&key.child), typed_name(&key.parent));
        let name = &key.name;
        let is_planned = |place| self.survey.relation(place).is_some_and(|known| known.kind == "p");
        if key.partitioned && !is_planned(&key.child) {
            let what = format!("the partitioned table {child} refers to {parent} by {name}");
            self.add_error(Id::O19, &key.parent.1, what, "");
        }
        let is_surveyed = |place| self.survey.relation(place).is_some();
        if !key.has_owner_rights && !is_surveyed(&key.child) {
            self.add_not_owned(&key.owner, &key.parent.1, &child);
        }
        if !key.may_refer && !is_surveyed(&key.parent) {
            let what = format!(
                "role {} does not have the privilege REFERENCES on {parent}, which {name} needs",
                self.user
            );
            let grant = format!("GRANT REFERENCES ON {parent} TO {};", self.user);
            let hint = Hint::with_line("grant the privilege, as the owner of the table:", grant);
            self.add_error(Id::P2, &key.child.1, what, hint);
        }
    }

    fn add_notes(&mut self) {
        for (id, what) in &self.survey.around {
            let (severity, what, hints) = match *id {
                Id::O10 => {
                    let refresh = format!("REFRESH {what};");
                    let hint = Hint::with_line("refresh it after the run:", refresh);
                    (Severity::Note, format!("{what} is not refreshed"), hint.into())
                }
                Id::K17 => {
                    (Severity::Note, format!("{what} has no effect on the load"), Hints::default())
                }
                _ => (Severity::Warning, format!("{what}: the load affects it"), Hints::default()),
            };
            self.add_finding(*id, severity, "", what, hints);
        }
    }
}

fn typed_name((schema, name): &(String, String)) -> String {
    format!("{}.{}", quote_if_needed(schema), quote_if_needed(name))
}

/// Rows that stand in tables of the plan: `(table, rows)`. Where `others`, tables that are none of
/// the run's, were loaded before, the rows may come from another file, and nothing is offered that
/// would empty them.
pub fn existing_rows_finding(
    database: &str,
    survey: &Survey,
    rows: &[(String, u64)],
    others: &[String],
) -> Finding {
    let what = "tables of the migration already have rows in the target:";
    let line = |(name, count): &(String, u64)| {
        let (schema, name) = survey.place_of(name);
        let table = model::sql::qualified_name(&schema, &name);
        format!("{table}: {}", count_with_noun(*count, "row"))
    };
    let mut details: Vec<String> = rows.iter().map(line).collect();
    if !others.is_empty() {
        let first: Vec<&str> = others.iter().take(OTHERS).map(String::as_str).collect();
        let more = match others.len().saturating_sub(OTHERS) {
            0 => String::new(),
            count => format!(" and {count} more"),
        };
        let names = format!("{}{more}", first.join(", "));
        details.push(format!(
            "the schema also has tables that were loaded before and are not in this SQLite file: \
             {names}"
        ));
    }
    let mut finding = Finding::without_rows(Id::O6, Severity::Error, what);
    if !others.is_empty() {
        finding.hints = Hints::from([
            "use an empty database: the rows may be those of another file or of an application",
            "use a separate schema for this file: `?search_path=NAME` in the URL",
        ]);
    }
    database.clone_into(&mut finding.database);
    finding.details = details;
    finding
}
