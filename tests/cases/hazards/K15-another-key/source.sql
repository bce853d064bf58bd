CREATE TABLE k15_other (id INTEGER, name TEXT);
INSERT INTO k15_other VALUES (1, 'a');
