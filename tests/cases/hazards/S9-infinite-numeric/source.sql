CREATE TABLE s9_prices (id INTEGER PRIMARY KEY, p REAL, q REAL);
INSERT INTO s9_prices VALUES
    (1, 1.5, 1.5),
    (2, 9e999, -9e999);
