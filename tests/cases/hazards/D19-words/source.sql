CREATE TABLE d19_odd (id INTEGER PRIMARY KEY, took INTEGER);
INSERT INTO d19_odd VALUES
    (1, 1),
    (2, '1h30m'),
    (3, 1.5);
