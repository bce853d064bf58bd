CREATE TABLE o11_names (id INTEGER PRIMARY KEY, name TEXT, size INTEGER,
    low TEXT AS (lower(name)) STORED, twice INTEGER AS (size * 2) STORED,
    half REAL AS (size / 2));
INSERT INTO o11_names (id, name, size) VALUES (1, 'Ann', 3), (2, 'BOB', NULL), (3, NULL, 4);
