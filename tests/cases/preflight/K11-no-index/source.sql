DROP TABLE words;
CREATE TABLE words (word TEXT NOT NULL PRIMARY KEY, fixed TEXT, any TEXT, at TEXT, price DECIMAL);
INSERT INTO words (word, fixed) VALUES ('ab12', 'a'), ('word', 'a'), ('w', 'a'), ('x', 'a'), ('y', 'b'), ('z', 'b'),
    ('n', NULL), ('m', NULL);
