CREATE TABLE d14_events (id INTEGER PRIMARY KEY, at TEXT, day TEXT);
INSERT INTO d14_events VALUES
    (1, '2024-01-02', '2024-01-02'),
    (2, 'now', 'today'),
    (3, 'infinity', 'epoch'),
    (4, 'yesterday', 'allballs');
