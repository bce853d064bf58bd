CREATE TABLE s12_odd (id INTEGER PRIMARY KEY, x);
INSERT INTO s12_odd VALUES
    (1, 1.5),
    (2, '1e-400'),
    (3, '1e400');
