CREATE TABLE schema_migrations (version bigint PRIMARY KEY);
ALTER TABLE schema_migrations OWNER TO ROLE_;
INSERT INTO schema_migrations VALUES (20260101);
