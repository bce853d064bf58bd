DROP TABLE words;
CREATE TABLE words (word TEXT NOT NULL PRIMARY KEY, fixed TEXT UNIQUE, any TEXT UNIQUE,
    at TEXT UNIQUE, price UNIQUE);
INSERT INTO words (word, at, price) VALUES
    ('ab12', '2024-01-02T03:04:05Z', 1.5), ('word', NULL, 2),
    ('c', '2024-01-02 04:04:05+01:00', '1.50'), ('d', '2024-01-02T03:04:05.0000001Z', '2');
DROP TABLE pairs;
CREATE TABLE pairs (tenant, code, PRIMARY KEY (tenant, code));
INSERT INTO pairs VALUES (1, 'a'), (1, 'b'), (2, 'a'), ('1', 'a');
