CREATE TABLE s2_counts (id INTEGER PRIMARY KEY, n, p);
INSERT INTO s2_counts VALUES
    (1, 12, 1),
    (2, '12', '1.10'),
    (3, ' -7 ', '1e3'),
    (4, '+0009', '-0');
