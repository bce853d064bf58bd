CREATE TABLE t9_times (id INTEGER PRIMARY KEY, day TEXT, at TEXT, clock TEXT);
INSERT INTO t9_times VALUES
    (1, '2024-01-02', '2024-01-02T03:04:05Z', '03:04'),
    (2, '', '', ''),
    (3, NULL, '  ', NULL);
