CREATE TABLE k13_kept (id INTEGER PRIMARY KEY, price DECIMAL, tags TEXT, at TEXT, code TEXT);
INSERT INTO k13_kept VALUES
    (1, 1.5, '["a"]', '2024-01-02T03:04:05Z', 'ab'),
    (2, NULL, NULL, NULL, NULL);
