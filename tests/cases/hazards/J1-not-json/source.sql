CREATE TABLE j1_docs (id INTEGER PRIMARY KEY, doc TEXT, docb TEXT);
INSERT INTO j1_docs VALUES
    (1, '{"a": 1}', '{"a": 1}'),
    (2, '{a: 1}', '{''a'': 1}'),
    (3, '', ''),
    (4, '[1,]', 'NaN');
