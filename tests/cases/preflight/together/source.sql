INSERT INTO members (id, group_id, word, thing_id) VALUES (10, 0, 'AB12', 'no uuid'), (11, 7, NULL, x'00');
INSERT INTO things VALUES (NULL), ('6BA7B810-9DAD-11D1-80B4-00C04FD430C8');
INSERT INTO words (word, fixed, any) VALUES ('c', 'a ', 'ann');
INSERT INTO members (id) VALUES (2147483647);
