CREATE TABLE s10_ratios (id INTEGER PRIMARY KEY, x BLOB, n BLOB);
INSERT INTO s10_ratios VALUES
    (1, 0.0 * -1, 0.0 * -1),
    (2, 0.0, 0.0);
