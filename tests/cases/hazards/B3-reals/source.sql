CREATE TABLE b3_flags (id INTEGER PRIMARY KEY, on_it);
INSERT INTO b3_flags VALUES
    (1, 0.0),
    (2, 1.0);
