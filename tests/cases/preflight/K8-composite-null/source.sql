DROP TABLE pairs;
CREATE TABLE pairs (tenant INTEGER, code TEXT, PRIMARY KEY (tenant, code));
INSERT INTO pairs VALUES (1, 'a'), (1, 'b'), (2, 'a'), (NULL, 'x');
