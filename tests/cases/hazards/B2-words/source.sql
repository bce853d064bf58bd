CREATE TABLE b2_flags (id INTEGER PRIMARY KEY, on_it);
INSERT INTO b2_flags VALUES
    (1, 't'),
    (2, 'f'),
    (3, 'True'),
    (4, 'off'),
    (5, ' Y ');
