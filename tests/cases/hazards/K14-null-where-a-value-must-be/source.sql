CREATE TABLE k14_users (id INTEGER PRIMARY KEY, name TEXT, n INTEGER);
INSERT INTO k14_users VALUES
    (1, 'a', 1),
    (2, NULL, 2),
    (3, 'c', NULL),
    (4, NULL, NULL);
