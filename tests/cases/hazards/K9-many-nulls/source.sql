CREATE TABLE k9_users (id INTEGER PRIMARY KEY, mail TEXT UNIQUE, a INTEGER, b INTEGER);
INSERT INTO k9_users VALUES
    (1, 'x', 1, NULL),
    (2, NULL, 1, NULL),
    (3, NULL, 1, 2),
    (4, NULL, 1, 3);
