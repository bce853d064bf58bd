CREATE TABLE k2_people (id INTEGER PRIMARY KEY, name TEXT);
-- foreign_key_check fails as a whole: the parent's name is not unique.
CREATE TABLE k2_orders (id INTEGER PRIMARY KEY, person_id INTEGER,
    person TEXT REFERENCES k2_people (name), FOREIGN KEY (person_id) REFERENCES k2_gone (id));
INSERT INTO k2_people VALUES (1, 'Ann'), (2, 'Ann');
INSERT INTO k2_orders VALUES (1, 1, 'Ann'), (2, 2, 'nobody'), (3, NULL, NULL);
