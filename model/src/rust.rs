//! Rust from descriptions: a static and a straight-line encode function for each table shape.
//!
//! Shapes that are equal in several versions are one item. The generated text has no branch, no
//! loop and no import; `src/schema.rs` of the product includes it and brings the names it uses
//! into scope.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io;
use std::path::Path;

use proc_macro2::{Ident, TokenStream};
use quote::{format_ident, quote};

use crate::file::Directory;
use crate::sequences;
use crate::table::{Action, Column, Database, Identity, Table};
use crate::types::{Stored, Type};

/// A schema directory with its resolved versions.
#[derive(Debug)]
pub struct Resolved {
    /// The files' content.
    pub directory: Directory,
    /// One database for each version, oldest first.
    pub versions: Vec<Database>,
}

/// A table's shape and the versions that share it.
struct Shape<'a> {
    table: &'a Table,
    item: Ident,
    encode: Ident,
    versions: Vec<&'a str>,
}

/// Rust source of all schemas: shapes, versions, and the list `SCHEMAS`.
///
/// # Errors
/// When the printed tokens are not Rust, which would be a fault of this module.
pub fn schemas(all: &[Resolved]) -> Result<String, syn::Error> {
    let mut items = Vec::new();
    let mut entries = Vec::new();
    let mut taken = Taken::default();
    for resolved in all {
        let (schema_items, entry) = schema(resolved, None, &mut taken);
        items.extend(schema_items);
        entries.push(entry);
    }
    print(&quote! {
        #(#items)*
        /// The schemas that the program brings along.
        pub static SCHEMAS: &[Schema] = &[#(#entries),*];
    })
}

/// Rust source of one version of a schema, or of one of its tables: for `cargo xtask expand`.
///
/// # Errors
/// As [`schemas`].
pub fn expand(
    resolved: &Resolved,
    version: &str,
    table: Option<&str>,
) -> Result<String, syn::Error> {
    let (items, _) = schema(resolved, Some((version, table)), &mut Taken::default());
    print(&quote! { #(#items)* })
}

/// Writes a file when its content is another, so that nothing is rebuilt for nothing.
///
/// # Errors
/// When the file cannot be written.
pub fn write_if_changed(file: &Path, text: &str) -> io::Result<()> {
    match fs::read_to_string(file) {
        Ok(old) if old == text => Ok(()),
        _ => fs::write(file, text),
    }
}

fn print(tokens: &TokenStream) -> Result<String, syn::Error> {
    Ok(prettyplease::unparse(&syn::parse2(tokens.clone())?))
}

/// The items of one schema, and its entry in the list; `only` keeps what one version needs.
fn schema(
    resolved: &Resolved,
    only: Option<(&str, Option<&str>)>,
    taken: &mut Taken,
) -> (Vec<TokenStream>, TokenStream) {
    let prefix = identifier(&resolved.directory.name);
    let shapes = shapes(&prefix, &resolved.versions, taken);
    let wanted = |shape: &Shape<'_>| match only {
        None => true,
        Some((version, table)) => {
            shape.versions.contains(&version) && table.is_none_or(|table| shape.table.name == table)
        }
    };
    let mut items: Vec<TokenStream> = shapes
        .iter()
        .filter(|shape| wanted(shape))
        .map(|shape| shape_items(resolved, shape))
        .collect();
    let mut versions = Vec::new();
    for database in &resolved.versions {
        let (item, _) = taken.names(&format!("{prefix}_{}", identifier(database.version)));
        let members: Vec<_> = database
            .tables
            .iter()
            .filter_map(|table| shapes.iter().find(|shape| shape.table == table))
            .map(|shape| &shape.item)
            .collect();
        let (name, version) = (database.name, database.version);
        let enums = enums(database);
        let (ignored, target_only) = (database.ignored, database.target_only);
        let undecided = database.undecided;
        let bookkeeping = database.bookkeeping.iter().map(|kept| {
            let (table, columns) = (kept.table, kept.columns);
            quote!(Bookkeeping { table: #table, columns: &[#(#columns),*] })
        });
        let sequences = database.sequences.iter().map(sequences::generated);
        if only.is_none() {
            items.push(quote! {
                static #item: Version = Version {
                    database: #name,
                    name: #version,
                    shapes: &[#(&#members),*],
                    enums: &[#(#enums),*],
                    ignored: &[#(#ignored),*],
                    target_only: &[#(#target_only),*],
                    undecided: &[#(#undecided),*],
                    bookkeeping: &[#(#bookkeeping),*],
                    sequences: &[#(#sequences),*],
                };
            });
        }
        versions.push(item);
    }
    let name = &resolved.directory.name;
    let query = option(resolved.directory.version_query.as_deref());
    let entry = quote! {
        Schema { name: #name, version_query: #query, versions: &[#(&#versions),*] }
    };
    (items, entry)
}

/// The distinct shapes in order of tables' names and age.
fn shapes<'a>(prefix: &str, versions: &'a [Database], taken: &mut Taken) -> Vec<Shape<'a>> {
    let mut by_name: BTreeMap<&str, Vec<Shape<'a>>> = BTreeMap::new();
    for database in versions {
        for table in database.tables {
            let known = by_name.entry(table.name).or_default();
            if let Some(shape) = known.iter_mut().find(|shape| shape.table == table) {
                shape.versions.push(database.version);
                continue;
            }
            let name = format!("{prefix}_{}_{}", identifier(table.name), known.len() + 1);
            let (item, encode) = taken.names(&name);
            known.push(Shape { table, item, encode, versions: vec![database.version] });
        }
    }
    by_name.into_values().flatten().collect()
}

/// Letters, digits and `_` only, as a part of an identifier: names may hold anything.
fn identifier(name: &str) -> String {
    let plain = |c: char| if c.is_ascii_alphanumeric() { c } else { '_' };
    name.chars().map(plain).collect()
}

/// The identifiers given out: `a-b`, `a_b` and `A_B` are three names and would be one identifier.
#[derive(Default)]
struct Taken(BTreeSet<String>);

impl Taken {
    /// A static's and a function's identifier that nothing else has.
    fn names(&mut self, wanted: &str) -> (Ident, Ident) {
        let mut name = wanted.to_ascii_lowercase();
        if !name.starts_with(|c: char| c.is_ascii_alphabetic()) {
            name.insert(0, 'x');
        }
        while !self.0.insert(name.clone()) {
            name.push('_');
        }
        (format_ident!("{}", name.to_ascii_uppercase()), format_ident!("{name}"))
    }
}

fn shape_items(resolved: &Resolved, shape: &Shape<'_>) -> TokenStream {
    let Shape { table, item, encode, versions } = shape;
    let doc =
        format!(" `{}` of {} at {}", table.name, resolved.directory.name, versions.join(", "));
    let description = description(table);
    let fields = table.copied().enumerate().map(|(place, column)| {
        let codec = codec(column.ty, column.stored);
        if column.null {
            quote! { row.nullable(#place, #codec)?; }
        } else {
            quote! { row.required(#place, #codec)?; }
        }
    });
    quote! {
        #[doc = #doc]
        static #item: Shape = Shape { table: #description, encode: Encode::Typed(#encode) };

        fn #encode(row: &mut Row<'_>) -> Result<(), Refusal> {
            #(#fields)*
            Ok(())
        }
    }
}

fn description(table: &Table) -> TokenStream {
    let Table { name, source, primary_key, ignored, .. } = table;
    let key_name = option(table.key_name);
    let source_key = match table.source_key {
        Some(key) => quote! { Some(&[#(#key),*]) },
        None => quote! { None },
    };
    let columns = table.columns.iter().map(column);
    let uniques = table.uniques.iter().map(|unique| {
        let (name, columns) = (unique.name, unique.columns);
        quote! { Unique { name: #name, columns: &[#(#columns),*] } }
    });
    let indexes = table.indexes.iter().map(|index| {
        let (name, unique, method) = (index.name, index.unique, index.method);
        let (predicate, definition) = (option(index.predicate), option(index.definition));
        let parts = index.parts.iter().map(|part| {
            let (text, expression, descending) = (part.text, part.expression, part.descending);
            quote! { Part { text: #text, expression: #expression, descending: #descending } }
        });
        quote! { Index {
            name: #name, parts: &[#(#parts),*], unique: #unique, method: #method,
            predicate: #predicate, definition: #definition,
        } }
    });
    let foreign_keys = table.foreign_keys.iter().map(|key| {
        let (name, columns, table, to) = (key.name, key.columns, key.table, key.to);
        let (deferred, deferrable) = (key.deferred, key.deferrable);
        let (on_delete, on_update) = (action(key.on_delete), action(key.on_update));
        quote! { ForeignKey {
            name: #name, columns: &[#(#columns),*], table: #table, to: &[#(#to),*],
            on_delete: #on_delete, on_update: #on_update, deferred: #deferred,
            deferrable: #deferrable,
        } }
    });
    let checks = table.checks.iter().map(|check| {
        let (name, expression) = (check.name, check.expression);
        quote! { Check { name: #name, expression: #expression } }
    });
    let rules = table.rules.iter().map(|rule| {
        let (name, definition) = (rule.name, rule.definition);
        quote! { model::Rule { name: #name, definition: #definition } }
    });
    quote! { Table {
        name: #name,
        source: #source,
        columns: &[#(#columns),*],
        primary_key: &[#(#primary_key),*],
        key_name: #key_name,
        ignored: &[#(#ignored),*],
        source_key: #source_key,
        uniques: &[#(#uniques),*],
        indexes: &[#(#indexes),*],
        foreign_keys: &[#(#foreign_keys),*],
        checks: &[#(#checks),*],
        rules: &[#(#rules),*],
    } }
}

fn column(column: &Column) -> TokenStream {
    let (name, ty) = (column.name, type_tokens(column.ty));
    let mut line = if column.null {
        quote! { nullable(#name, #ty) }
    } else {
        quote! { required(#name, #ty) }
    };
    if column.source != column.name {
        let source = column.source;
        line = quote! { #line.from(#source) };
    }
    if column.stored != column.ty.usual() {
        let stored = variant(column.stored);
        line = quote! { #line.stored(Stored::#stored) };
    }
    if let Some(declared) = column.declared {
        line = quote! { #line.declared(#declared) };
    }
    if let Some(expression) = column.default {
        line = quote! { #line.default(#expression) };
    }
    if column.identity != Identity::No {
        let identity = variant(column.identity);
        line = quote! { #line.identity(Identity::#identity) };
    }
    if let Some(expression) = column.generated {
        line = quote! { #line.generated(#expression) };
    }
    if let Some(spelled) = column.spelled {
        line = quote! { #line.spelled(#spelled) };
    }
    if column.absent {
        line = quote! { #line.absent() };
    }
    line
}

fn action(action: Action) -> TokenStream {
    let name = variant(action);
    quote! { Action::#name }
}

/// The name of an enum's variant, as its `Debug` prints it.
fn variant(value: impl std::fmt::Debug) -> Ident {
    format_ident!("{}", format!("{value:?}"))
}

fn option(text: Option<&str>) -> TokenStream {
    match text {
        Some(text) => quote! { Some(#text) },
        None => quote! { None },
    }
}

fn enums(database: &Database) -> Vec<TokenStream> {
    database.enums.iter().map(|declared| enum_tokens(*declared)).collect()
}

fn enum_tokens(declared: crate::types::Enum) -> TokenStream {
    let (name, labels) = (declared.name, declared.labels);
    quote! { Enum { name: #name, labels: &[#(#labels),*] } }
}

fn type_tokens(ty: Type) -> TokenStream {
    match ty {
        Type::Numeric(None) => quote! { Type::Numeric(None) },
        Type::Numeric(Some((precision, scale))) => {
            quote! { Type::Numeric(Some((#precision, #scale))) }
        }
        Type::Varchar(length) => quote! { Type::Varchar(#length) },
        Type::Char(length) => quote! { Type::Char(#length) },
        Type::Enum(declared) => {
            let declared = enum_tokens(declared);
            quote! { Type::Enum(#declared) }
        }
        Type::Array(element) => {
            let element = type_tokens(*element);
            quote! { Type::Array(&#element) }
        }
        plain => {
            let name = variant(plain);
            quote! { Type::#name }
        }
    }
}

/// The codec of a (type, stored) pair: a function, or a call that binds its parameters. The
/// compiler checks that it exists.
fn codec(ty: Type, stored: Stored) -> TokenStream {
    let plain = match ty {
        Type::Bool => "boolean",
        Type::Numeric(None) => "numeric",
        Type::Citext => "text",
        Type::Varchar(length) => return quote! { codec::varchar(#length) },
        Type::Char(length) => return quote! { codec::character(#length) },
        Type::Numeric(Some((precision, scale))) => {
            return quote! { codec::numeric_within(#precision, #scale) };
        }
        Type::Enum(declared) => {
            let labels = declared.labels;
            return quote! { codec::label(&[#(#labels),*]) };
        }
        Type::Array(element) => {
            let element = type_tokens(*element);
            return quote! { codec::array(&#element) };
        }
        other => return codec_by_name(&other.to_string(), ty, stored),
    };
    codec_by_name(plain, ty, stored)
}

/// The usual encoding has the type's own name; the others add theirs.
fn codec_by_name(name: &str, ty: Type, stored: Stored) -> TokenStream {
    let word = match stored {
        Stored::TextUtc => "utc",
        stored => stored.word(),
    };
    let name = if stored == ty.usual() && ty != Type::Interval {
        format_ident!("{name}")
    } else {
        format_ident!("{name}_{word}")
    };
    quote! { codec::#name }
}
