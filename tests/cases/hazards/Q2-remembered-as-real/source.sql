CREATE TABLE q2_real (id INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT);
INSERT INTO q2_real VALUES (5, 'a');
UPDATE sqlite_sequence SET seq = 55.0 WHERE name = 'q2_real';
