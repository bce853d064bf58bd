CREATE TABLE k10_names (id INTEGER PRIMARY KEY, name TEXT UNIQUE);
INSERT INTO k10_names VALUES (1, 'Ann'), (2, 'ANN'), (3, 'Élan'), (4, 'éLAN'), (5, NULL);
