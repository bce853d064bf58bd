DROP TABLE groups;
CREATE TABLE groups (id INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT CHECK (own_check(name)),
    long TEXT AS (upper(name)) STORED, longer TEXT AS (name || name));
CREATE INDEX groups_own ON groups (own_function(name));
CREATE INDEX groups_collated ON groups (name COLLATE own_order);
INSERT INTO groups (id, name) VALUES (1, 'one'), (2, 'two');
DROP TABLE pairs;
CREATE TABLE pairs (tenant INTEGER, code TEXT COLLATE own_order, PRIMARY KEY (tenant, code)) WITHOUT ROWID;
INSERT INTO pairs VALUES (1, 'a'), (1, 'b'), (2, 'a');
