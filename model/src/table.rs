//! What a table looks like at one version: the description that everything else reads.
//!
//! Descriptions are plain `Copy` data that lives as long as the process. Those of the built-in
//! schemas are generated statics; those read at run time are leaked once, when they are read. So
//! there is one type for both, and no lifetime parameter in the whole engine.

#[cfg(feature = "generate")]
use crate::tokens::{self, EnumItems, Fields};
use crate::types::{Affinity, Enum, Stored, Type};

pub use crate::constraints::{ACTIONS, Action, Check, ForeignKey, Index, Part, Rule, Unique};

/// A database (a set of tables) at one version.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Database {
    /// `connect/core`, or the directory's name for a schema read at run time.
    pub name: &'static str,
    /// The version's name.
    pub version: &'static str,
    /// The tables, in the order of their files' names.
    pub tables: &'static [Table],
    /// Enum types that the tables use.
    pub enums: &'static [Enum],
    /// SQLite tables that are not copied: what the application notes about SQLite itself.
    pub ignored: &'static [&'static str],
    /// Tables that only PostgreSQL has.
    pub target_only: &'static [&'static str],
    /// Tables that a run creates where PostgreSQL has the others and lacks these.
    pub create_missing: &'static [&'static str],
    /// Tables and columns of which somebody must say what they are before they are copied.
    pub undecided: &'static [&'static str],
    /// Tables in which the application keeps which of its own migrations were done.
    pub migration_histories: &'static [MigrationHistory],
    /// Sequences that are tied to a column or a number by `database.toml`.
    pub sequences: &'static [Sequence],
    /// Statements that run after a load was verified, in its transaction.
    pub after_load: &'static [AfterLoad],
}

/// A statement that runs in the transaction of a load, after its rows were verified.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AfterLoad {
    /// The statement.
    pub sql: &'static str,
    /// Tables whose copied values it changes; they are not compared again.
    pub changes: &'static [&'static str],
}

/// A sequence of PostgreSQL that a person has tied: its next value after the load.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sequence {
    /// Its name, or schema and name with a dot between them.
    pub name: &'static str,
    /// How it goes on.
    pub next: Next,
}

/// How a sequence goes on after the load.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Next {
    /// Beyond every value of a copied column of numbers.
    After {
        /// The table in PostgreSQL.
        table: &'static str,
        /// The column in PostgreSQL.
        column: &'static str,
    },
    /// At this value.
    At(i64),
}

/// A table of the application's own migrations: compared with an existing one, never copied over
/// it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MigrationHistory {
    /// The table in PostgreSQL.
    pub table: &'static str,
    /// The columns that must agree; all that both sides have where there is none.
    pub columns: &'static [&'static str],
}

#[cfg(feature = "generate")]
impl quote::ToTokens for MigrationHistory {
    fn to_tokens(&self, out: &mut proc_macro2::TokenStream) {
        let (table, columns) = (self.table, tokens::slice_tokens(self.columns));
        out.extend(quote::quote!(MigrationHistory { table: #table, columns: #columns }));
    }
}

/// By full paths: most schemas have none, and an import would be unused.
#[cfg(feature = "generate")]
impl quote::ToTokens for Sequence {
    fn to_tokens(&self, out: &mut proc_macro2::TokenStream) {
        let name = self.name;
        let next = match self.next {
            Next::After { table, column } => {
                quote::quote!(model::Next::After { table: #table, column: #column })
            }
            Next::At(value) => {
                let value = tokens::unsuffixed_number(value);
                quote::quote!(model::Next::At(#value))
            }
        };
        out.extend(quote::quote!(model::Sequence { name: #name, next: #next }));
    }
}

#[cfg(feature = "generate")]
impl quote::ToTokens for AfterLoad {
    fn to_tokens(&self, out: &mut proc_macro2::TokenStream) {
        let (sql, changes) = (self.sql, tokens::slice_tokens(self.changes));
        out.extend(quote::quote!(model::AfterLoad { sql: #sql, changes: #changes }));
    }
}

/// A table at one version, equal for all versions that do not differ for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Table {
    /// The name in PostgreSQL. No two tables of a database have the same, whatever their schemas.
    pub name: &'static str,
    /// The schema in PostgreSQL, where it is not the one of the database's other tables.
    pub schema: Option<&'static str>,
    /// The name in SQLite.
    pub source: &'static str,
    /// The columns in the order they have in PostgreSQL.
    pub columns: &'static [Column],
    /// The columns of the primary key in key order; empty when there is none.
    pub primary_key: &'static [&'static str],
    /// The primary key's name, where it is not the usual one.
    pub key_name: Option<&'static str>,
    /// SQLite columns that are not copied.
    pub ignored: &'static [&'static str],
    /// SQLite's primary key by its own columns' names, where it is another one.
    pub source_key: Option<&'static [&'static str]>,
    /// Unique constraints.
    pub uniques: &'static [Unique],
    /// Indexes, unique ones among them.
    pub indexes: &'static [Index],
    /// Foreign keys.
    pub foreign_keys: &'static [ForeignKey],
    /// Check constraints.
    pub checks: &'static [Check],
    /// Constraints in PostgreSQL's own words.
    pub rules: &'static [Rule],
    /// Triggers of PostgreSQL's table that fire while rows are loaded.
    pub fire_triggers: &'static [&'static str],
}

/// A column.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Column {
    /// The name in PostgreSQL.
    pub name: &'static str,
    /// The name in SQLite.
    pub source: &'static str,
    /// PostgreSQL's type.
    pub ty: Type,
    /// SQLite's encoding.
    pub stored: Stored,
    /// The type that SQLite's table declares, compared as it is; without it the affinity decides.
    pub declared: Option<&'static str>,
    /// Whether NULL is allowed.
    pub null: bool,
    /// A PostgreSQL expression.
    pub default: Option<&'static str>,
    /// Whether PostgreSQL makes ids for it.
    pub identity: Identity,
    /// The expression of a stored generated column; it is not copied.
    pub generated: Option<&'static str>,
    /// How PostgreSQL's table names the type, where that says more: a domain, a precision, a
    /// collation. The values travel as `ty`.
    pub type_sql: Option<&'static str>,
    /// Whether only PostgreSQL has it; it is not copied.
    pub target_only: bool,
    /// Whether nobody has seen it in the application's own tables, so that it proves nothing.
    pub guess: bool,
}

/// Who makes the values of an identity column.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Identity {
    /// Not an identity column.
    #[default]
    No,
    /// `GENERATED BY DEFAULT AS IDENTITY`
    ByDefault,
    /// `GENERATED ALWAYS AS IDENTITY`
    Always,
    /// `serial`: a default of its own sequence
    Serial,
}

#[cfg(feature = "generate")]
impl quote::ToTokens for Identity {
    fn to_tokens(&self, out: &mut proc_macro2::TokenStream) {
        out.extend(match self {
            Identity::No => quote::quote!(Identity::No),
            Identity::ByDefault => quote::quote!(Identity::ByDefault),
            Identity::Always => quote::quote!(Identity::Always),
            Identity::Serial => quote::quote!(Identity::Serial),
        });
    }
}

impl Table {
    /// What generated code begins with: it names only what a table has.
    pub const EMPTY: Table = Table {
        name: "",
        schema: None,
        source: "",
        columns: &[],
        primary_key: &[],
        key_name: None,
        ignored: &[],
        source_key: None,
        uniques: &[],
        indexes: &[],
        foreign_keys: &[],
        checks: &[],
        rules: &[],
        fire_triggers: &[],
    };

    /// It as Rust.
    #[cfg(feature = "generate")]
    pub(crate) fn table_tokens(&self, enums: &EnumItems) -> proc_macro2::TokenStream {
        let columns = self.columns.iter().map(|column| column.column_tokens(enums));
        Fields::of_struct("Table")
            .field("name", self.name)
            .option_field("schema", self.schema)
            .field("source", self.source)
            .field("columns", quote::quote!(&[#(#columns),*]))
            .list_field("primary_key", self.primary_key)
            .option_field("key_name", self.key_name)
            .list_field("ignored", self.ignored)
            .option_field("source_key", self.source_key.map(tokens::slice_tokens))
            .list_field("uniques", self.uniques)
            .list_field("indexes", self.indexes)
            .list_field("foreign_keys", self.foreign_keys)
            .list_field("checks", self.checks)
            .list_field("rules", self.rules)
            .list_field("fire_triggers", self.fire_triggers)
            .into_tokens()
    }

    /// Its schema in PostgreSQL: its own, or `usual`, that of the tables that name none.
    pub fn schema_or<'a>(&self, usual: &'a str) -> &'a str {
        self.schema.unwrap_or(usual)
    }

    /// The columns that are copied: all but generated ones and those that only PostgreSQL has.
    pub fn copied_columns(&self) -> impl Iterator<Item = &'static Column> + use<> {
        self.columns.iter().filter(|column| column.generated.is_none() && !column.target_only)
    }

    /// The column of that name in PostgreSQL.
    pub fn column(&self, name: &str) -> Option<&'static Column> {
        self.columns.iter().find(|column| column.name == name)
    }
}

/// A column that must have a value: how generated code begins a column's line.
pub const fn required(name: &'static str, ty: Type) -> Column {
    Column {
        name,
        source: name,
        ty,
        stored: ty.usual_encoding(),
        declared: None,
        null: false,
        default: None,
        identity: Identity::No,
        generated: None,
        type_sql: None,
        target_only: false,
        guess: false,
    }
}

/// A column that may be NULL.
pub const fn nullable(name: &'static str, ty: Type) -> Column {
    Column { null: true, ..required(name, ty) }
}

/// The rest of a column's line in generated code: only what differs from the usual.
impl Column {
    /// It as Rust: `required` or `nullable`, and what differs from the usual.
    #[cfg(feature = "generate")]
    pub(crate) fn column_tokens(&self, enums: &EnumItems) -> proc_macro2::TokenStream {
        use quote::quote;

        let (name, ty) = (self.name, enums.type_tokens(self.ty));
        let mut line = match self.null {
            true => quote! { nullable(#name, #ty) },
            false => quote! { required(#name, #ty) },
        };
        if self.source != self.name {
            let source = self.source;
            line = quote! { #line.from(#source) };
        }
        if self.stored != self.ty.usual_encoding() {
            let stored = self.stored;
            line = quote! { #line.stored(#stored) };
        }
        if let Some(declared) = self.declared {
            line = quote! { #line.declared(#declared) };
        }
        if let Some(expression) = self.default {
            line = quote! { #line.default(#expression) };
        }
        if self.identity != Identity::No {
            let identity = self.identity;
            line = quote! { #line.identity(#identity) };
        }
        if let Some(expression) = self.generated {
            line = quote! { #line.generated(#expression) };
        }
        if let Some(type_sql) = self.type_sql {
            line = quote! { #line.type_sql(#type_sql) };
        }
        if self.target_only {
            line = quote! { #line.target_only() };
        }
        if self.guess {
            line = quote! { #line.guess() };
        }
        line
    }

    /// Its name in SQLite.
    pub const fn from(self, source: &'static str) -> Column {
        Column { source, ..self }
    }

    /// Its encoding in SQLite.
    pub const fn stored(self, stored: Stored) -> Column {
        Column { stored, ..self }
    }

    /// The type it is declared with in SQLite.
    pub const fn declared(self, declared: &'static str) -> Column {
        Column { declared: Some(declared), ..self }
    }

    /// Whether a SQLite column that is declared so can be this one.
    pub fn accepts_declared(&self, declared: &str) -> bool {
        match self.declared {
            Some(exact) => exact == declared,
            None => self.ty.stores_undamaged(self.stored, Affinity::of_declared(declared)),
        }
    }

    /// Its default.
    pub const fn default(self, expression: &'static str) -> Column {
        Column { default: Some(expression), ..self }
    }

    /// That PostgreSQL makes its ids.
    pub const fn identity(self, identity: Identity) -> Column {
        Column { identity, ..self }
    }

    /// That PostgreSQL computes it.
    pub const fn generated(self, expression: &'static str) -> Column {
        Column { generated: Some(expression), ..self }
    }

    /// How PostgreSQL's table names its type.
    pub const fn type_sql(self, type_sql: &'static str) -> Column {
        Column { type_sql: Some(type_sql), ..self }
    }

    /// That only PostgreSQL has it.
    pub const fn target_only(self) -> Column {
        Column { target_only: true, ..self }
    }

    /// That nobody has seen it.
    pub const fn guess(self) -> Column {
        Column { guess: true, ..self }
    }

    /// Whether PostgreSQL has something to put there when a row says nothing.
    pub const fn fills_itself(&self) -> bool {
        self.null
            || self.default.is_some()
            || self.generated.is_some()
            || !matches!(self.identity, Identity::No)
    }
}
