CREATE TABLE k13_goods (id INTEGER PRIMARY KEY, price DECIMAL, name TEXT, kind TEXT, n INTEGER);
INSERT INTO k13_goods VALUES
    (1, 1.5, 'a', 'new', 1),
    (2, -1, 'b', 'old', 2),
    (3, NULL, NULL, NULL, NULL),
    (4, 0, '', 'new', 7),
    (5, -0.01, 'x y', 'old', 4);
