CREATE TABLE j6_odd (id INTEGER PRIMARY KEY, u TEXT);
INSERT INTO j6_odd VALUES
    (1, 'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11'),
    (2, 'urn:uuid:a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11'),
    (3, ''),
    (4, 'a0eebc99');
