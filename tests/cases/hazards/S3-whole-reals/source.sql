CREATE TABLE s3_counts (id INTEGER PRIMARY KEY, n BLOB);
INSERT INTO s3_counts VALUES
    (1, 12.0),
    (2, -0.0),
    (3, 9007199254740992.0),
    (4, 5);
