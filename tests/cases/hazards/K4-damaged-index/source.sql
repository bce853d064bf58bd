CREATE TABLE k4_parents (id INTEGER PRIMARY KEY, code TEXT, other TEXT);
CREATE TABLE k4_children (id INTEGER PRIMARY KEY, code TEXT);
CREATE UNIQUE INDEX k4_index ON k4_parents (other);
INSERT INTO k4_parents VALUES (1, 'a', 'x'), (2, 'b', 'y'), (3, 'c', 'z');
INSERT INTO k4_children VALUES (1, 'a'), (2, 'b'), (3, 'c');
-- From here on the index says that it holds code, and holds other.
PRAGMA writable_schema = ON;
UPDATE sqlite_schema SET sql = 'CREATE UNIQUE INDEX k4_index ON k4_parents (code)' WHERE name = 'k4_index';
PRAGMA writable_schema = RESET;
