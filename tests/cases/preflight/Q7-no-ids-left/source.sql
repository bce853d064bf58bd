INSERT INTO members (id) VALUES (2147483647);
UPDATE sqlite_sequence SET seq = 9223372036854775807 WHERE name = 'groups';
