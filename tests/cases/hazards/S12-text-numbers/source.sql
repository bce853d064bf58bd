CREATE TABLE s12_ratios (id INTEGER PRIMARY KEY, x);
INSERT INTO s12_ratios VALUES
    (1, '1.5'),
    (2, ' 1e10 '),
    (3, '-0.0');
