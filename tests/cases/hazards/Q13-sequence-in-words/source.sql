CREATE TABLE q13_words (id INTEGER PRIMARY KEY, name TEXT);
INSERT INTO q13_words VALUES (5, 'a'), (7, 'b');
