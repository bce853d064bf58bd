CREATE TABLE k16_rows (id INTEGER PRIMARY KEY, a INTEGER, b TEXT, gone INTEGER);
INSERT INTO k16_rows VALUES
    (1, 1, 'x', NULL),
    (2, 1, 'y', NULL),
    (3, 1, 'X', 5);
CREATE UNIQUE INDEX k16_pair ON k16_rows (a, b DESC);
