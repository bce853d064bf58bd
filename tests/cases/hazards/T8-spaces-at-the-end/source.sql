CREATE TABLE t8_keys (id INTEGER PRIMARY KEY, code TEXT UNIQUE);
INSERT INTO t8_keys VALUES
    (1, 'a'),
    (2, 'b'),
    (3, 'a  ');
