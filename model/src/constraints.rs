//! Keys, indexes and constraints of a table: plain data, with how each is printed as Rust.

#[cfg(feature = "generate")]
use proc_macro2::TokenStream;
#[cfg(feature = "generate")]
use quote::{ToTokens, quote};

#[cfg(feature = "generate")]
use crate::tokens::{self, Fields};

/// A unique constraint.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Unique {
    /// The constraint's name.
    pub name: &'static str,
    /// Its columns.
    pub columns: &'static [&'static str],
}

#[cfg(feature = "generate")]
impl ToTokens for Unique {
    fn to_tokens(&self, out: &mut TokenStream) {
        let (name, columns) = (self.name, tokens::slice_tokens(self.columns));
        out.extend(quote! { Unique { name: #name, columns: #columns } });
    }
}

/// An index.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Index {
    /// The index's name.
    pub name: &'static str,
    /// What is indexed, in order.
    pub parts: &'static [Part],
    /// Whether it is unique.
    pub unique: bool,
    /// The access method, `btree` unless said otherwise.
    pub method: &'static str,
    /// The predicate of a partial index, a PostgreSQL expression.
    pub predicate: Option<&'static str>,
    /// All from `USING` on in PostgreSQL's own words, in place of parts, method and predicate.
    pub definition: Option<&'static str>,
}

impl Index {
    /// What generated code begins with: it names only what differs.
    pub const EMPTY: Index = Index {
        name: "",
        parts: &[],
        unique: false,
        method: "btree",
        predicate: None,
        definition: None,
    };
}

#[cfg(feature = "generate")]
impl ToTokens for Index {
    fn to_tokens(&self, out: &mut TokenStream) {
        let fields =
            Fields::of_struct("Index").field("name", self.name).list_field("parts", self.parts);
        let fields = fields.flag_field("unique", self.unique);
        let method = (self.method != Index::EMPTY.method).then_some(self.method);
        let fields = fields.differing_field("method", method);
        let fields = fields.option_field("predicate", self.predicate);
        out.extend(fields.option_field("definition", self.definition).into_tokens());
    }
}

/// One part of an index.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Part {
    /// A column's name, or a PostgreSQL expression when `expression` is set.
    pub text: &'static str,
    /// Whether `text` is an expression.
    pub expression: bool,
    /// Whether it is ordered downwards.
    pub descending: bool,
}

impl Part {
    /// What generated code begins with: it names only what differs.
    pub const EMPTY: Part = Part { text: "", expression: false, descending: false };
}

#[cfg(feature = "generate")]
impl ToTokens for Part {
    fn to_tokens(&self, out: &mut TokenStream) {
        let fields = Fields::of_struct("Part").field("text", self.text);
        let fields = fields.flag_field("expression", self.expression);
        out.extend(fields.flag_field("descending", self.descending).into_tokens());
    }
}

/// A foreign key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct ForeignKey {
    /// The constraint's name.
    pub name: &'static str,
    /// The referring columns.
    pub columns: &'static [&'static str],
    /// The table referred to.
    pub table: &'static str,
    /// Its schema, where that is not the one of the database's other tables.
    pub schema: Option<&'static str>,
    /// The columns referred to, as many as `columns`.
    pub to: &'static [&'static str],
    /// What happens when the parent goes.
    pub on_delete: Action,
    /// What happens when the parent's key changes.
    pub on_update: Action,
    /// Whether it is `DEFERRABLE INITIALLY DEFERRED`.
    pub deferred: bool,
    /// Whether it is `DEFERRABLE`, and checked at once unless a transaction says otherwise.
    pub deferrable: bool,
}

impl ForeignKey {
    /// What generated code begins with: it names only what differs.
    pub const EMPTY: ForeignKey = ForeignKey {
        name: "",
        columns: &[],
        table: "",
        schema: None,
        to: &[],
        on_delete: Action::NoAction,
        on_update: Action::NoAction,
        deferred: false,
        deferrable: false,
    };
}

#[cfg(feature = "generate")]
impl ToTokens for ForeignKey {
    fn to_tokens(&self, out: &mut TokenStream) {
        let action = |action: Action| (action != Action::NoAction).then_some(action);
        let fields = Fields::of_struct("ForeignKey")
            .field("name", self.name)
            .list_field("columns", self.columns)
            .field("table", self.table)
            .option_field("schema", self.schema)
            .list_field("to", self.to)
            .differing_field("on_delete", action(self.on_delete))
            .differing_field("on_update", action(self.on_update))
            .flag_field("deferred", self.deferred)
            .flag_field("deferrable", self.deferrable);
        out.extend(fields.into_tokens());
    }
}

/// The action of a foreign key.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Action {
    /// `NO ACTION`
    #[default]
    NoAction,
    /// `RESTRICT`
    Restrict,
    /// `CASCADE`
    Cascade,
    /// `SET NULL`
    SetNull,
    /// `SET DEFAULT`
    SetDefault,
}

#[cfg(feature = "generate")]
impl ToTokens for Action {
    fn to_tokens(&self, out: &mut TokenStream) {
        out.extend(match self {
            Action::NoAction => quote!(Action::NoAction),
            Action::Restrict => quote!(Action::Restrict),
            Action::Cascade => quote!(Action::Cascade),
            Action::SetNull => quote!(Action::SetNull),
            Action::SetDefault => quote!(Action::SetDefault),
        });
    }
}

/// The words of `on_delete` and `on_update`.
pub const ACTIONS: &[(&str, Action)] = &[
    ("no action", Action::NoAction),
    ("restrict", Action::Restrict),
    ("cascade", Action::Cascade),
    ("set null", Action::SetNull),
    ("set default", Action::SetDefault),
];

/// A check constraint.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Check {
    /// The constraint's name.
    pub name: &'static str,
    /// A PostgreSQL expression.
    pub expression: &'static str,
}

#[cfg(feature = "generate")]
impl ToTokens for Check {
    fn to_tokens(&self, out: &mut TokenStream) {
        let (name, expression) = (self.name, self.expression);
        out.extend(quote! { Check { name: #name, expression: #expression } });
    }
}

/// A constraint that only PostgreSQL's own words describe.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Rule {
    /// The constraint's name.
    pub name: &'static str,
    /// Everything behind its name: `EXCLUDE USING gist (…)`.
    pub definition: &'static str,
}

/// By its full path: most schemas have none, and an import would be unused.
#[cfg(feature = "generate")]
impl ToTokens for Rule {
    fn to_tokens(&self, out: &mut TokenStream) {
        let (name, definition) = (self.name, self.definition);
        out.extend(quote! { model::Rule { name: #name, definition: #definition } });
    }
}

impl Rule {
    /// Whether it is a foreign key, which needs the keys of other tables: one that says more than
    /// a [`ForeignKey`] can, as `MATCH FULL` and `NOT VALID` do.
    pub fn is_foreign_key(&self) -> bool {
        self.definition.trim_start().to_ascii_uppercase().starts_with("FOREIGN KEY")
    }
}
