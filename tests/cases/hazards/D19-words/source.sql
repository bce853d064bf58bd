CREATE TABLE d19_odd (id INTEGER PRIMARY KEY, took INTEGER, span TEXT, iso TEXT, since TEXT);
INSERT INTO d19_odd VALUES
    (1, 1, '1.00:00:00', 'P1D', '1970-01-02 00:00:00'),
    (2, '1h30m', '24:00:00', 'P1.5D', '1970-01-02'),
    (3, 1.5, '1 day', 'P1D', '1970-01-02 00:00:00');
