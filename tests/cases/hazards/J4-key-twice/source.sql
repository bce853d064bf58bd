CREATE TABLE j4_docs (id INTEGER PRIMARY KEY, doc TEXT, docb TEXT);
INSERT INTO j4_docs VALUES
    (1, '{"a": 1, "a": 2}', '{"a": 1, "a": 2}'),
    (2, '{"b": 1}', '{"x": [{"k": 1.0, "k": 1.10}]}');
