CREATE TABLE o1_kept (id INTEGER PRIMARY KEY);
CREATE TABLE schema_migrations (version TEXT);
INSERT INTO o1_kept VALUES (1);
INSERT INTO schema_migrations VALUES ('1'), ('2');
