CREATE TABLE s8_ratios (id INTEGER PRIMARY KEY, x REAL);
INSERT INTO s8_ratios VALUES
    (1, 9e999 - 9e999),
    (2, 1.5);
