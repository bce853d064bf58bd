CREATE TABLE d16_events (id INTEGER PRIMARY KEY, at TEXT, clock TEXT);
INSERT INTO d16_events VALUES
    (1, '2024-01-02 03:04Z', '03:04'),
    (2, '2024-01', '2024-01-02 03:04'),
    (3, '03:04:05', NULL),
    (4, 'some day', 'noon');
