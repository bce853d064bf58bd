CREATE TABLE k11_users (id INTEGER PRIMARY KEY, mail TEXT);
INSERT INTO k11_users VALUES
    (1, 'x'),
    (2, 'x'),
    (3, 'y'),
    (4, 'x'),
    (5, NULL),
    (6, NULL);
