//! Rust from descriptions: a static and a straight-line encode function for each table shape.
//!
//! Shapes that are equal in several versions are one item. The generated text has no branch, no
//! loop and no import; `src/schema.rs` of the product includes it and brings the names it uses
//! into scope.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io;
use std::path::Path;

use proc_macro2::{Ident, Literal, TokenStream};
use quote::{format_ident, quote};

use crate::file::Directory;
use crate::table::{Column, Database, Table};
use crate::tokens::{self, EnumItems, Fields};
use crate::types::{Enum, Stored, Type};

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
pub fn schemas_source(all: &[Resolved]) -> Result<String, syn::Error> {
    let mut items = Vec::new();
    let mut entries = Vec::new();
    let mut taken = Taken::default();
    for resolved in all {
        let (schema_items, entry) = schema_items(resolved, None, &mut taken);
        items.extend(schema_items);
        entries.push(entry);
    }
    print_tokens(&quote! {
        #(#items)*
        /// The schemas that the program brings along.
        pub static SCHEMAS: &[Schema] = &[#(#entries),*];
    })
}

/// Rust source of one version of a schema, or of one of its tables: for `cargo xtask expand`.
///
/// # Errors
/// As [`schemas_source`].
pub fn expand_version(
    resolved: &Resolved,
    version: &str,
    table: Option<&str>,
) -> Result<String, syn::Error> {
    let (items, _) = schema_items(resolved, Some((version, table)), &mut Taken::default());
    print_tokens(&quote! { #(#items)* })
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

fn print_tokens(tokens: &TokenStream) -> Result<String, syn::Error> {
    Ok(prettyplease::unparse(&syn::parse2(tokens.clone())?))
}

/// The items of one schema, and its entry in the list; `only` keeps what one version needs.
fn schema_items(
    resolved: &Resolved,
    only: Option<(&str, Option<&str>)>,
    taken: &mut Taken,
) -> (Vec<TokenStream>, TokenStream) {
    let prefix = identifier(&resolved.directory.name);
    let enums = enum_items(&prefix, &resolved.versions, taken);
    let shapes = distinct_shapes(&prefix, &resolved.versions, taken);
    let wanted = |shape: &Shape<'_>| match only {
        None => true,
        Some((version, table)) => {
            shape.versions.contains(&version) && table.is_none_or(|table| shape.table.name == table)
        }
    };
    let wanted: Vec<_> = shapes.iter().filter(|shape| wanted(shape)).collect();
    let mut items = Vec::new();
    for (declared, item) in &enums.0 {
        let used = |column: &Column| enum_of(column.ty) == Some(*declared);
        if wanted.iter().any(|shape| shape.table.columns.iter().any(used)) || only.is_none() {
            let declared = tokens::enum_literal(*declared);
            items.push(quote! { static #item: Enum = #declared; });
        }
    }
    items.extend(wanted.iter().map(|shape| shape_items(resolved, shape, &enums)));
    let mut versions = Vec::new();
    for database in &resolved.versions {
        let (item, _) =
            taken.take_identifiers(&format!("{prefix}_{}", identifier(database.version)));
        if only.is_none() {
            items.push(version_item(&item, database, &shapes, &enums));
        }
        versions.push(item);
    }
    let name = &resolved.directory.name;
    let query = match &resolved.directory.version_query {
        Some(query) => quote! { Some(#query) },
        None => quote! { None },
    };
    let entry = quote! {
        Schema { name: #name, version_query: #query, versions: &[#(&#versions),*] }
    };
    (items, entry)
}

/// The static of one version.
fn version_item(
    item: &Ident,
    database: &Database,
    shapes: &[Shape<'_>],
    enums: &EnumItems,
) -> TokenStream {
    let members: Vec<_> = database
        .tables
        .iter()
        .filter_map(|table| shapes.iter().find(|shape| shape.table == table))
        .map(|shape| &shape.item)
        .collect();
    let enums: Vec<_> =
        database.enums.iter().map(|declared| enums.item_tokens(*declared)).collect();
    let version = Fields::of_struct("Version")
        .field("database", database.name)
        .field("name", database.version)
        .field("shapes", quote!(&[#(&#members),*]))
        .list_field("enums", &enums)
        .list_field("ignored", database.ignored)
        .list_field("target_only", database.target_only)
        .list_field("create_missing", database.create_missing)
        .list_field("undecided", database.undecided)
        .list_field("migration_histories", database.migration_histories)
        .list_field("sequences", database.sequences)
        .list_field("after_load", database.after_load)
        .into_tokens();
    quote! { static #item: Version = #version; }
}

/// The distinct enum types of all versions, with the names of their statics.
fn enum_items(prefix: &str, versions: &[Database], taken: &mut Taken) -> EnumItems {
    let mut items = EnumItems::default();
    for declared in versions.iter().flat_map(|database| database.enums) {
        if !items.0.iter().any(|(known, _)| known == declared) {
            let (item, _) =
                taken.take_identifiers(&format!("{prefix}_{}", identifier(declared.name)));
            items.0.push((*declared, item));
        }
    }
    items
}

/// The enum type of a column or of its elements.
fn enum_of(ty: Type) -> Option<Enum> {
    match ty {
        Type::Enum(declared) => Some(declared),
        Type::Array(element) => enum_of(*element),
        _ => None,
    }
}

/// The distinct shapes in order of tables' names and age.
fn distinct_shapes<'a>(
    prefix: &str,
    versions: &'a [Database],
    taken: &mut Taken,
) -> Vec<Shape<'a>> {
    let mut by_name: BTreeMap<&str, Vec<Shape<'a>>> = BTreeMap::new();
    for database in versions {
        for table in database.tables {
            let known = by_name.entry(table.name).or_default();
            if let Some(shape) = known.iter_mut().find(|shape| shape.table == table) {
                shape.versions.push(database.version);
                continue;
            }
            let name = format!("{prefix}_{}_{}", identifier(table.name), known.len() + 1);
            let (item, encode) = taken.take_identifiers(&name);
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
    fn take_identifiers(&mut self, wanted_name: &str) -> (Ident, Ident) {
        let mut name = wanted_name.to_ascii_lowercase();
        if !name.starts_with(|c: char| c.is_ascii_alphabetic()) {
            name.insert(0, 'x');
        }
        while !self.0.insert(name.clone()) {
            name.push('_');
        }
        (format_ident!("{}", name.to_ascii_uppercase()), format_ident!("{name}"))
    }
}

fn shape_items(resolved: &Resolved, shape: &Shape<'_>, enums: &EnumItems) -> TokenStream {
    let Shape { table, item, encode, versions } = shape;
    let doc =
        format!(" `{}` of {} at {}", table.name, resolved.directory.name, versions.join(", "));
    let description = table.table_tokens(enums);
    let fields = table.copied_columns().enumerate().map(|(place, column)| {
        let place = Literal::usize_unsuffixed(place);
        let (name, codec) = (column.name, codec_tokens(column.ty, column.stored, enums));
        if column.null {
            quote! { row.encode_nullable(#place, #name, #codec)?; }
        } else {
            quote! { row.encode_required(#place, #name, #codec)?; }
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

/// The codec of a (type, stored) pair: a function, or a call that binds its parameters. The
/// compiler checks that it exists.
fn codec_tokens(ty: Type, stored: Stored, enums: &EnumItems) -> TokenStream {
    // A pair without a codec does not compile: `check` refuses it first.
    let name = format_ident!("{}", ty.codec_name(stored).unwrap_or("no_such_codec"));
    match ty {
        Type::Varchar(length) | Type::Char(length) => {
            let length = tokens::unsuffixed_number(length);
            quote! { codec::#name(#length) }
        }
        Type::Numeric(Some((precision, scale))) => {
            let (precision, scale) =
                (tokens::unsuffixed_number(precision), tokens::unsuffixed_number(scale));
            quote! { codec::#name(#precision, #scale) }
        }
        Type::Enum(declared) => {
            let declared = enums.item_tokens(declared);
            quote! { codec::#name(#declared.labels) }
        }
        Type::Array(element) => {
            let element = enums.type_tokens(*element);
            quote! { codec::#name(&#element) }
        }
        // A type with a parameter that is missing above does not compile in generated code.
        _ => quote! { codec::#name },
    }
}
