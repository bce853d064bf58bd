INSERT INTO members (id, group_id, word) VALUES (10, 0, ''), (11, 0, NULL), (12, 7, NULL);
