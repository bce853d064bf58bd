CREATE TABLE o2_rows (id INTEGER PRIMARY KEY, colour TEXT);
INSERT INTO o2_rows VALUES (1, 'red'), (2, NULL), (3, 'blue');
