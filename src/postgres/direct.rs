//! Queries that take one round trip to the server.
//!
//! The driver prepares a statement before it executes it, which is two round trips, unless the
//! types of the parameters are known. Over a network a run of some dozen tables asks a thousand
//! questions, so every question of ours is sent with its types.

use postgres::types::{Oid, ToSql, Type};
use postgres::{Error, GenericClient, Row};

/// A parameter that knows its type in PostgreSQL.
pub trait Parameter: ToSql + Sync {
    /// The type that is sent to the server.
    fn parameter_type(&self) -> Type;
    /// It as the driver takes it.
    fn as_sql(&self) -> &(dyn ToSql + Sync);
}

macro_rules! parameters {
    ($($rust:ty => $sql:ident),* $(,)?) => {$(
        impl Parameter for $rust {
            fn parameter_type(&self) -> Type {
                Type::$sql
            }
            fn as_sql(&self) -> &(dyn ToSql + Sync) {
                self
            }
        }
    )*};
}

parameters! {
    bool => BOOL,
    i16 => INT2,
    i32 => INT4,
    i64 => INT8,
    Oid => OID,
    &str => TEXT,
    String => TEXT,
    Option<&str> => TEXT,
    Option<String> => TEXT,
    Vec<i16> => INT2_ARRAY,
    Vec<i32> => INT4_ARRAY,
    Vec<i64> => INT8_ARRAY,
    Vec<Oid> => OID_ARRAY,
    Vec<&str> => TEXT_ARRAY,
    Vec<String> => TEXT_ARRAY,
    &[Oid] => OID_ARRAY,
    &[&str] => TEXT_ARRAY,
    &[String] => TEXT_ARRAY,
}

impl<T: Parameter> Parameter for &T {
    fn parameter_type(&self) -> Type {
        T::parameter_type(self)
    }
    fn as_sql(&self) -> &(dyn ToSql + Sync) {
        T::as_sql(self)
    }
}

/// Parameters with their types, as the driver takes them.
fn with_types<'p>(given: &[&'p dyn Parameter]) -> Vec<(&'p (dyn ToSql + Sync), Type)> {
    given.iter().map(|value| (value.as_sql(), value.parameter_type())).collect()
}

/// Questions to a server that take one round trip each. Text parameters are sent as `text`.
pub trait DirectQueries: GenericClient {
    /// The rows of a query.
    ///
    /// # Errors
    /// The server's.
    fn query_directly(&mut self, sql: &str, given: &[&dyn Parameter]) -> Result<Vec<Row>, Error> {
        self.query_typed(sql, &with_types(given))
    }

    /// The only row of a query.
    ///
    /// # Errors
    /// The server's, and when there is none or more than one.
    fn query_one_directly(&mut self, sql: &str, given: &[&dyn Parameter]) -> Result<Row, Error> {
        self.query_typed_one(sql, &with_types(given))
    }

    /// The row of a query that has one at most.
    ///
    /// # Errors
    /// The server's, and when there is more than one.
    fn query_opt_directly(
        &mut self,
        sql: &str,
        given: &[&dyn Parameter],
    ) -> Result<Option<Row>, Error> {
        self.query_typed_opt(sql, &with_types(given))
    }
}

impl<C: GenericClient> DirectQueries for C {}
