//! Sequences that the defaults of our own tables need: they are created before the tables, where
//! they do not exist.

use model::expression::Kind;
use model::sql;
use model::{Identity, Table};

use super::pieces;

/// The sequences of `schema` that the columns of a version take values from by their defaults, as
/// SQL writes them. One that is named in another schema is not ours to create.
pub fn sequences_named_by_defaults<'t>(
    schema: &str,
    tables: impl Iterator<Item = &'t Table>,
) -> Vec<String> {
    let columns = tables.flat_map(|table| table.columns.iter());
    let columns = columns.filter(|column| column.identity == Identity::No);
    let mut names = Vec::new();
    for default in columns.filter_map(|column| column.default) {
        for argument in pieces::nextval_arguments(&pieces::split_into_pieces(default)) {
            let Some(name) = argument.first().and_then(|piece| sequence_name_in(piece, schema))
            else {
                continue;
            };
            let name = sql::qualified_name(schema, &name);
            if !names.contains(&name) {
                names.push(name);
            }
        }
    }
    names
}

/// The name that a constant holds, without a schema or with this one.
fn sequence_name_in(constant: &pieces::Piece, schema: &str) -> Option<String> {
    if constant.kind != Kind::Literal {
        return None;
    }
    match pieces::split_into_pieces(&pieces::unquote(&constant.text)).as_slice() {
        [name] => name.folded_name(),
        [known, dot, name]
            if dot.is_symbol(".") && known.folded_name().as_deref() == Some(schema) =>
        {
            name.folded_name()
        }
        _ => None,
    }
}
