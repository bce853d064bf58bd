CREATE TABLE j6_ids (id INTEGER PRIMARY KEY, u TEXT, same TEXT);
INSERT INTO j6_ids VALUES
    (1, 'A0EEBC99-9C0B-4EF8-BB6D-6BB9BD380A11', 'A0EEBC99'),
    (2, 'a0eebc999c0b4ef8bb6d6bb9bd380a12', 'a0EE'),
    (3, '{a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a13}', '{}');
