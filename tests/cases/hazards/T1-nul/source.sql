CREATE TABLE t1_notes (id INTEGER PRIMARY KEY, body TEXT, name TEXT, doc TEXT);
INSERT INTO t1_notes VALUES
    (1, 'fine', 'fine', '{}'),
    (2, CAST(X'610062' AS TEXT), CAST(X'00' AS TEXT), NULL),
    (3, CAST(X'6100' AS TEXT), 'fine', CAST(X'7b007d' AS TEXT));
