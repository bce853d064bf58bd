//! How descriptions are printed as Rust: literals without suffixes, and only the fields that
//! differ.

use proc_macro2::{Ident, Literal, TokenStream};
use quote::{ToTokens, format_ident, quote};

use crate::types::{Enum, Type};

/// A struct's literal in the making.
pub(crate) struct Fields {
    name: Ident,
    fields: Vec<TokenStream>,
    omitted: bool,
}

impl Fields {
    /// The literal of the struct of that name.
    pub(crate) fn of_struct(name: &str) -> Fields {
        Fields { name: format_ident!("{name}"), fields: Vec::new(), omitted: false }
    }

    /// A field that is always named.
    pub(crate) fn field(mut self, name: &str, value: impl ToTokens) -> Fields {
        let name = format_ident!("{name}");
        self.fields.push(quote! { #name: #value });
        self
    }

    /// A field that is named where its value is not the usual one.
    pub(crate) fn differing_field(mut self, name: &str, value: Option<impl ToTokens>) -> Fields {
        self.omitted |= value.is_none();
        match value {
            Some(value) => self.field(name, value),
            None => self,
        }
    }

    /// A list that is named where it is not empty.
    pub(crate) fn list_field(self, name: &str, items: &[impl ToTokens]) -> Fields {
        self.differing_field(name, (!items.is_empty()).then(|| slice_tokens(items)))
    }

    /// An option that is named where there is something.
    pub(crate) fn option_field(self, name: &str, value: Option<impl ToTokens>) -> Fields {
        self.differing_field(name, value.map(|value| quote! { Some(#value) }))
    }

    /// A flag that is named where it is set.
    pub(crate) fn flag_field(self, name: &str, set: bool) -> Fields {
        self.differing_field(name, set.then_some(true))
    }

    /// The literal; fields that were left out are those of `EMPTY`.
    pub(crate) fn into_tokens(self) -> TokenStream {
        let Fields { name, fields, omitted } = self;
        match omitted {
            true => quote! { #name { #(#fields,)* ..#name::EMPTY } },
            false => quote! { #name { #(#fields,)* } },
        }
    }
}

/// A slice.
pub(crate) fn slice_tokens(items: &[impl ToTokens]) -> TokenStream {
    quote! { &[#(#items),*] }
}

/// A number without its type.
pub(crate) fn unsuffixed_number(number: impl Into<i64>) -> Literal {
    Literal::i64_unsuffixed(number.into())
}

/// The statics of enum types: each list of labels is printed once.
#[derive(Default)]
pub(crate) struct EnumItems(pub(crate) Vec<(Enum, Ident)>);

impl EnumItems {
    /// The static of an enum type.
    pub(crate) fn item_tokens(&self, declared: Enum) -> TokenStream {
        match self.0.iter().find(|(known, _)| *known == declared) {
            Some((_, item)) => quote! { #item },
            None => enum_literal(declared),
        }
    }

    /// A type.
    pub(crate) fn type_tokens(&self, ty: Type) -> TokenStream {
        match ty {
            Type::Numeric(None) => quote!(Type::Numeric(None)),
            Type::Numeric(Some((precision, scale))) => {
                let (precision, scale) = (unsuffixed_number(precision), unsuffixed_number(scale));
                quote!(Type::Numeric(Some((#precision, #scale))))
            }
            Type::Varchar(length) => {
                let length = unsuffixed_number(length);
                quote!(Type::Varchar(#length))
            }
            Type::Char(length) => {
                let length = unsuffixed_number(length);
                quote!(Type::Char(#length))
            }
            Type::Enum(declared) => {
                let declared = self.item_tokens(declared);
                quote!(Type::Enum(#declared))
            }
            Type::Array(element) => {
                let element = self.type_tokens(*element);
                quote!(Type::Array(&#element))
            }
            Type::ReadByServer(words) => quote!(Type::ReadByServer(#words)),
            // Of a variant without parameters, this is its name.
            plain => {
                let name = quote::format_ident!("{plain:?}");
                quote!(Type::#name)
            }
        }
    }
}

/// An enum type's literal.
pub(crate) fn enum_literal(declared: Enum) -> TokenStream {
    let (name, labels) = (declared.name, slice_tokens(declared.labels));
    quote! { Enum { name: #name, labels: #labels } }
}
