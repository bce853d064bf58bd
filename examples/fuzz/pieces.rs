//! Pieces of text that mean something to each reader.

/// For `gcfg`.
pub const GCFG: &[&str] = &[
    "[Postgres]\n",
    "[Sub \"a\"]\n",
    "URL = ",
    "\"",
    "\\",
    "\\\n",
    "\n",
    "\r\n",
    "\0",
    "#",
    ";",
    "=",
    "[",
    "]",
    " ",
    "\t",
    "\u{feff}",
    "“",
    "ſ",
    "K",
    "1h",
    "0x",
    "on",
];

/// For `key`.
pub const KEY: &[&str] =
    &["\n", "\r", " ", "=", "==", "-", "_", "g", "00", "ff", "AAAA", "\u{feff}", "0x"];

/// For `decryptor`.
pub const SECRET: &[&str] = &["AQ", "Ag", "=", "==", "\n", "\r\n", "-", "_", "AAAA", "////", "\0"];

/// For `url`.
pub const URL: &[&str] = &[
    "postgres://",
    "postgresql://",
    "@",
    ":",
    "/",
    "?",
    "&",
    "=",
    "%",
    "%4",
    "%40",
    "%zz",
    "%00",
    "[",
    "]",
    "[::1]",
    "[fe80::1%25eth0]",
    ",",
    "#",
    ";",
    "+",
    "'",
    "\\",
    " ",
    "\0",
    "{$}",
    "host=",
    "port=99999",
    "sslmode=",
    "verify-full",
    "options=-csearch_path=\\",
    "hostaddr=",
    "connect_timeout=",
    "-1",
    "9999999999999999999",
    "é",
    "\u{202e}",
    "dbname",
];

/// For `statement`.
pub const STATEMENT: &[&str] = &[
    "CREATE TABLE t (",
    "CHECK (",
    "CONSTRAINT ",
    "PRIMARY KEY",
    "UNIQUE (",
    "REFERENCES ",
    "FOREIGN KEY (",
    "DEFERRABLE INITIALLY DEFERRED",
    "GENERATED ALWAYS AS (",
    "COLLATE ",
    "DEFAULT ",
    "AUTOINCREMENT",
    "WHERE ",
    " BETWEEN 1 AND ",
    " NOT IN (",
    " IS NOT NULL",
    " AND NOT ",
    "(((((((((",
    ")",
    ",",
    ".",
    "'",
    "''",
    "\"",
    "[",
    "]",
    "`",
    "--",
    "/*",
    "*/",
    "x'0",
    "0x",
    "1e",
    "é",
    "\0",
    "\u{202e}",
];

/// For `schema-file`.
pub const SCHEMA: &[&str] = &[
    "[columns]\n",
    "[[index]]\n",
    "[[unique]]\n",
    "[[check]]\n",
    "primary_key = [\"id\"]\n",
    "versions = \"",
    "..",
    "columns = [",
    "{ column = \"",
    "expression = \"",
    "type = \"int8\"",
    "type = \"numeric(",
    "stored = \"text\"",
    "references = \"t.id\"",
    "identity = true",
    "null = true",
    "generated = \"",
    "default = \"",
    "= [{",
    "}",
    "]",
    "\"",
    "'''",
    "\n",
    "\r",
    "#",
    ".",
    ",",
    "é",
    "\0",
];

/// For `password-file`.
pub const PASSWORDS: &[&str] =
    &["\n", "\r\n", ":", "\\", "\\:", "\\\\", "*", "#", "localhost", "5432", "[::1]", "\0", "é"];

/// For bytes that are no text.
pub const BYTES: &[&str] =
    &["\0", "\0\0\0\0", "\u{1}", "\u{7f}", "SQLite format 3\0", "{\"a\":", "é"];

/// For `copy-context`.
pub const CONTEXTS: &[&str] =
    &["COPY ", "apps", "title", ", line ", ", column ", "17", "\n", "、行 ", "(", "«", "\0", "é"];

/// For `server-message`.
pub const MESSAGES: &[&str] = &[
    "R\0\0\0\u{8}\0\0\0\u{5}",
    "E\0\0\0",
    "N\0\0\0\u{6}\0\0",
    "D\0\0\0",
    "Z\0\0\0\u{5}I",
    "S\0\0\0",
    "C22P02\0",
    "M",
    "\0",
    "\0\0\0\u{4}",
    "\u{7f}",
];

/// For `function-body`.
pub const BODIES: &[&str] = &[
    "nextval(",
    "own(",
    "NEW.",
    ":=",
    " INTO ",
    "BEGIN ",
    "THEN ",
    "END",
    "RETURN ",
    "DECLARE ",
    "TG_ARGV[0]",
    "'",
    "''",
    "\"",
    "$$",
    "$a$",
    "/*",
    "*/",
    "--",
    "\n",
    "(",
    ")",
    ";",
    ",",
    "||",
    "::regclass",
    "E'\\",
    "U&\"",
    "é",
    "\0",
];
