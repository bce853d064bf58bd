CREATE TABLE q8_rows (id INTEGER PRIMARY KEY, name TEXT);
INSERT INTO q8_rows VALUES (-9223372036854775808, 'a'), (-1, 'b'), (0, 'c'), (5, 'd');
