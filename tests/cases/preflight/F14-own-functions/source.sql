DROP TABLE groups;
CREATE TABLE groups (id INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT,
    made TEXT AS (own_function(name)) NOT NULL);
CREATE INDEX groups_made ON groups (made);
INSERT INTO groups (id, name) VALUES (1, 'one'), (2, 'two');
