CREATE TABLE j7_odd (id INTEGER PRIMARY KEY, u BLOB, v TEXT);
INSERT INTO j7_odd VALUES
    (1, X'a0eebc999c0b4ef8bb6d6bb9bd380a11', NULL),
    (2, 'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a12', X'a0eebc999c0b4ef8bb6d6bb9bd380a12'),
    (3, X'00ff', NULL);
