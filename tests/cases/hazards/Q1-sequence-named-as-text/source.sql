CREATE TABLE q1_text (id INTEGER PRIMARY KEY, name TEXT);
INSERT INTO q1_text VALUES (5, 'a'), (7, 'b');
