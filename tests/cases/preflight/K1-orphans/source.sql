INSERT INTO members (id, group_id) SELECT 10 + value, 100 + value FROM json_each('[1,2,3,4,5,6,7]');
INSERT INTO members (id, thing_id) VALUES (30, '00000000-0000-0000-0000-000000000000');
