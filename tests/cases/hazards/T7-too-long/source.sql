CREATE TABLE t7_codes (id INTEGER PRIMARY KEY, short VARCHAR(3), fixed CHAR(2));
INSERT INTO t7_codes VALUES
    (1, 'äöü', 'ab'),
    (2, 'eightlon', 'abc'),
    (3, 'abc  ', 'a'),
    (4, 'abc', 'a  ');
