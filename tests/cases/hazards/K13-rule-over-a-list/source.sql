CREATE TABLE k13_late (id INTEGER PRIMARY KEY, tags TEXT);
INSERT INTO k13_late VALUES
    (1, '["a"]'),
    (2, '[]');
