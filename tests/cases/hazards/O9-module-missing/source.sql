CREATE TABLE o9_docs (id INTEGER PRIMARY KEY);
INSERT INTO o9_docs VALUES (1);
PRAGMA writable_schema = ON;
INSERT INTO sqlite_schema (type, name, tbl_name, rootpage, sql)
    VALUES ('table', 'o9_vectors', 'o9_vectors', 0, 'CREATE VIRTUAL TABLE o9_vectors USING vec0 (v)');
PRAGMA writable_schema = RESET;
