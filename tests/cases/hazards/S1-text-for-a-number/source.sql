CREATE TABLE s1_counts (id INTEGER PRIMARY KEY, n INTEGER, x REAL, price DECIMAL);
INSERT INTO s1_counts VALUES
    (1, 1, 1.5, 2.5),
    (2, 'toto', 'n/a', 'free'),
    (3, X'31', X'31', X'31');
