CREATE TABLE j8_people (id INTEGER PRIMARY KEY, role TEXT);
INSERT INTO j8_people VALUES
    (1, 'viewer'),
    (2, 'it''s é');
