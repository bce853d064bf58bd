-- The tables of schema/ as an application would have them, with rows that all fit.
CREATE TABLE groups (id INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT);
CREATE TABLE members (
    id INTEGER PRIMARY KEY, group_id INTEGER, thing_id TEXT, word TEXT, tenant INTEGER, code TEXT);
CREATE TABLE pairs (tenant INTEGER, code TEXT, PRIMARY KEY (tenant, code)) WITHOUT ROWID;
CREATE TABLE things (id TEXT PRIMARY KEY);
CREATE TABLE words (
    word TEXT NOT NULL PRIMARY KEY, fixed TEXT UNIQUE, any TEXT UNIQUE, at TEXT UNIQUE,
    price DECIMAL UNIQUE);
INSERT INTO groups VALUES (1, 'one'), (2, 'two');
INSERT INTO things VALUES ('6ba7b810-9dad-11d1-80b4-00c04fd430c8');
INSERT INTO pairs VALUES (1, 'a'), (1, 'b'), (2, 'a');
INSERT INTO words VALUES
    ('ab12', 'a', 'Ann', '2024-01-02T03:04:05Z', 1.5), ('word', 'b', 'Bea', NULL, NULL);
INSERT INTO members VALUES
    (1, 1, '6BA7B810-9DAD-11D1-80B4-00C04FD430C8', 'ab12', 1, 'b'),
    (2, NULL, NULL, NULL, 9, NULL),
    (3, 2, '{6ba7b8109dad11d180b400c04fd430c8}', 'word', NULL, 'z');
