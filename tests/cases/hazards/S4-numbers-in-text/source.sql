CREATE TABLE s4_texts (id INTEGER PRIMARY KEY, body);
INSERT INTO s4_texts VALUES
    (1, 'one'),
    (2, 1),
    (3, 1.0),
    (4, 9e999),
    (5, 1e22),
    (6, -0.5);
