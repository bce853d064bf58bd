CREATE TABLE k15_log (at INTEGER, line TEXT);
INSERT INTO k15_log VALUES (1, 'same'), (1, 'same'), (1, 'same'), (NULL, NULL), (NULL, NULL), (2, 'other');
