//! Types whose values the server reads itself: what its catalog says of them.

use crate::postgres::direct::DirectQueries;
use postgres::{Client, Error};

/// A type beneath its domains.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BaseType {
    /// Its words without a length, as SQL takes them.
    pub name: String,
    /// The same with the length that a domain gives it; none for what is no domain.
    pub of_domain: Option<String>,
    /// Whether its values have a binary form, which a copy needs.
    pub is_binary: bool,
}

/// The type that a type's words mean, without domains and length; nothing where there is none.
///
/// # Errors
/// The server's, also where the words are none.
pub fn find_base_type(client: &mut Client, words: &str) -> Result<Option<BaseType>, Error> {
    let row = client.query_opt_directly(BASE_TYPE, &[&words])?;
    Ok(row.map(|row| BaseType { name: row.get(0), is_binary: row.get(1), of_domain: row.get(2) }))
}

const BASE_TYPE: &str = "\
WITH RECURSIVE chain AS (
  SELECT t.oid, t.typtype, t.typbasetype, t.typtypmod, t.typsend, t.typreceive,
         -1 AS modifier, t.typtype = 'd' AS is_domain
  FROM pg_catalog.pg_type t WHERE t.oid = pg_catalog.to_regtype($1::pg_catalog.text)
  UNION ALL
  SELECT t.oid, t.typtype, t.typbasetype, t.typtypmod, t.typsend, t.typreceive,
         CASE WHEN chain.typtypmod >= 0 THEN chain.typtypmod ELSE chain.modifier END, is_domain
  FROM chain JOIN pg_catalog.pg_type t ON t.oid = chain.typbasetype
  WHERE chain.typtype = 'd'
)
SELECT pg_catalog.format_type(oid, -1),
       typsend::pg_catalog.oid <> 0 AND typreceive::pg_catalog.oid <> 0,
       CASE WHEN is_domain THEN pg_catalog.format_type(oid, modifier) END
FROM chain WHERE typtype <> 'd'";
