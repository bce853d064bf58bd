CREATE TABLE s2_odd (id INTEGER PRIMARY KEY, n);
INSERT INTO s2_odd VALUES
    (1, '12'),
    (2, '12.0'),
    (3, '1e3'),
    (4, '0x10'),
    (5, '1_000'),
    (6, '1,234');
