CREATE TABLE j9_lists (id INTEGER PRIMARY KEY, ns TEXT, names TEXT, ok TEXT);
INSERT INTO j9_lists VALUES
    (1, '[1, null, 3]', '["a", "b,c", "{}", null]', '[true, false]'),
    (2, '[]', '[]', NULL);
