CREATE TABLE b3_odd (id INTEGER PRIMARY KEY, on_it);
INSERT INTO b3_odd VALUES
    (1, 1),
    (2, 2),
    (3, ''),
    (4, '1.0'),
    (5, -1),
    (6, 'maybe');
