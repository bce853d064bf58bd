CREATE TABLE t5_notes (id INTEGER PRIMARY KEY, body TEXT);
INSERT INTO t5_notes VALUES
    (1, 'text'),
    (2, X'616263'),
    (3, X'00ff');
