CREATE TABLE b4_flags (id INTEGER PRIMARY KEY, on_it);
INSERT INTO b4_flags VALUES
    (1, 0),
    (2, 1),
    (3, 't'),
    (4, 'false'),
    (5, 1.0),
    (6, NULL);
