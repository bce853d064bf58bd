CREATE TABLE q1_rows (id INTEGER PRIMARY KEY, name TEXT);
INSERT INTO q1_rows VALUES (1, 'a'), (41, 'b');
