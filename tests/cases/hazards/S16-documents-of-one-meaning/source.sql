CREATE TABLE s16_docs (id INTEGER PRIMARY KEY, doc TEXT UNIQUE);
INSERT INTO s16_docs VALUES
    (1, '{"a": 1, "b": [true]}'),
    (2, '{"b":[ true ],"a":1.0}'),
    (3, '{"a": 0, "a": 1, "b": [true]}'),
    (4, '{"a": "1", "b": [true]}'),
    (5, NULL);
