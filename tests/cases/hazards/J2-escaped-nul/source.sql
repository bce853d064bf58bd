CREATE TABLE j2_docs (id INTEGER PRIMARY KEY, doc TEXT, docb TEXT);
INSERT INTO j2_docs VALUES
    (1, '{"a": "\u0000"}', NULL),
    (2, NULL, '{"a": "\u0000"}');
