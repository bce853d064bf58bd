CREATE TABLE k16_twice (id INTEGER PRIMARY KEY, name TEXT);
INSERT INTO k16_twice VALUES
    (1, 'Ann'),
    (2, 'ann');
