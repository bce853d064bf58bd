CREATE TABLE t2_files (id INTEGER PRIMARY KEY, path TEXT);
INSERT INTO t2_files VALUES
    (1, 'café'),
    (2, CAST(X'636166e9' AS TEXT)),
    (3, CAST(X'e282' AS TEXT));
