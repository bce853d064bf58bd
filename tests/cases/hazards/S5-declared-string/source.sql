CREATE TABLE s5_codes (id INTEGER PRIMARY KEY, code STRING, doc JSON);
INSERT INTO s5_codes VALUES
    (1, 'abc', '{}'),
    (2, '0123', '5'),
    (3, '1e5', '1.50');
