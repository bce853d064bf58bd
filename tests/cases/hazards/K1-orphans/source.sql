CREATE TABLE k1_posts (id INTEGER PRIMARY KEY);
CREATE TABLE k1_comments (id INTEGER PRIMARY KEY, post_id INTEGER REFERENCES k1_posts (id));
INSERT INTO k1_posts VALUES (1), (2);
INSERT INTO k1_comments VALUES (1, 1), (2, NULL), (3, 77), (4, 78), (5, 77), (6, 79), (7, 80), (8, 81);
