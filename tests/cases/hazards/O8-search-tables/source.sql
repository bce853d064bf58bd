CREATE TABLE o8_docs (id INTEGER PRIMARY KEY, body TEXT);
INSERT INTO o8_docs VALUES (1, 'some words');
CREATE VIRTUAL TABLE o8_search USING fts5 (body);
INSERT INTO o8_search VALUES ('some words');
CREATE VIRTUAL TABLE o8_places USING rtree (id, x1, x2);
