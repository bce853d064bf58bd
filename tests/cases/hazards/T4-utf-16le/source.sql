PRAGMA encoding = 'UTF-16le';
CREATE TABLE t4_words (id INTEGER PRIMARY KEY, word TEXT, doc TEXT);
INSERT INTO t4_words VALUES
    (1, 'plain', NULL),
    (2, 'héllo 世界', '{"k": "é"}'),
    (3, '😀', '[]');
