CREATE TABLE b1_flags (id INTEGER PRIMARY KEY, on_it BOOLEAN);
INSERT INTO b1_flags VALUES
    (1, 0),
    (2, 1);
