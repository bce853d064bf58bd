CREATE TABLE k12_names (id INTEGER PRIMARY KEY, name TEXT COLLATE RTRIM, code TEXT COLLATE own_order UNIQUE);
INSERT INTO k12_names VALUES
    (1, 'a ', 'B'),
    (2, 'a', 'A'),
    (3, 'b', 'a');
CREATE INDEX k12_order ON k12_names (name COLLATE own_order);
