//! A column's line as the catalog has it.

use model::file::ColumnLine;
use model::{Enum, Identity, Type};

use crate::postgres::inspection::Column;
use crate::postgres::type_names::{format_type_name, model_type_of_base};

/// A column as the catalog has it.
pub fn describe_column(column: &Column, enums: &[Enum]) -> ColumnLine {
    let ty = model_type_of_base(&column.base, enums);
    let identity = match column.identity {
        "by default" => Identity::ByDefault,
        "always" => Identity::Always,
        "serial" => Identity::Serial,
        _ => Identity::No,
    };
    let type_sql = ty.is_none_or(|ty| format_type_name(ty) != column.ty).then(|| column.ty.clone());
    let ty = ty.unwrap_or(Type::Text);
    ColumnLine {
        name: column.name.clone(),
        source: column.name.clone(),
        ty,
        stored: ty.usual_encoding(),
        declared: None,
        null: column.null,
        default: column.default.clone(),
        identity,
        generated: column.generated.clone(),
        type_sql,
        target_only: false,
    }
}
