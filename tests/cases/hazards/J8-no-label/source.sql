CREATE TABLE j8_users (id INTEGER PRIMARY KEY, role TEXT);
INSERT INTO j8_users VALUES
    (1, 'viewer'),
    (2, 'Viewer'),
    (3, '');
