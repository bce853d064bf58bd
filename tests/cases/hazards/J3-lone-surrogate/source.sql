CREATE TABLE j3_docs (id INTEGER PRIMARY KEY, doc TEXT, docb TEXT);
INSERT INTO j3_docs VALUES
    (1, '"\ud800"', '"\ud83d\ude00"'),
    (2, NULL, '"\ud800"');
