CREATE TABLE k3_parents (code TEXT PRIMARY KEY);
CREATE TABLE k3_children (id INTEGER PRIMARY KEY, parent TEXT REFERENCES k3_parents);
INSERT INTO k3_parents VALUES ('a'), ('b');
INSERT INTO k3_children VALUES (1, 'a'), (2, NULL), (3, 'b');
