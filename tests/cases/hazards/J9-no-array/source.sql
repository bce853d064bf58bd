CREATE TABLE j9_odd (id INTEGER PRIMARY KEY, ns TEXT, names TEXT);
INSERT INTO j9_odd VALUES
    (1, '[1]', '["a"]'),
    (2, '{1,2}', 'a,b'),
    (3, '[[1],2]', '{"a": 1}'),
    (4, '["x"]', '[true]');
