CREATE TABLE j5_docs (id INTEGER PRIMARY KEY, doc BLOB, docb BLOB);
INSERT INTO j5_docs VALUES
    (1, '{}', '{}'),
    (2, jsonb('{"a": [1, 2]}'), jsonb('{"a": 1}')),
    (3, X'00ff', NULL);
