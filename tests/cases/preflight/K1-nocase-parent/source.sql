DROP TABLE words;
CREATE TABLE words (word TEXT COLLATE NOCASE NOT NULL PRIMARY KEY, fixed TEXT UNIQUE,
    any TEXT UNIQUE, at TEXT UNIQUE, price DECIMAL UNIQUE);
INSERT INTO words (word) VALUES ('ab12'), ('word'), ('Zoe');
INSERT INTO members (id, word) VALUES (10, 'zoe');
