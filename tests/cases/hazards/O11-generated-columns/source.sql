CREATE TABLE o11_rows (id INTEGER PRIMARY KEY, name TEXT, upper TEXT AS (upper(name)) STORED,
    twice TEXT AS (name || name));
INSERT INTO o11_rows (id, name) VALUES (1, 'one'), (2, 'two');
