-- SQLAlchemy with Alembic on SQLite: enums are VARCHAR of their names, UUIDs CHAR(32).
CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL, CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num));
CREATE TABLE teams (id INTEGER NOT NULL, name VARCHAR(80) NOT NULL, parent_id INTEGER, CONSTRAINT pk_teams PRIMARY KEY (id), CONSTRAINT uq_teams_name UNIQUE (name), CONSTRAINT fk_teams_parent_id_teams FOREIGN KEY(parent_id) REFERENCES teams (id));
CREATE TABLE jobs (id INTEGER NOT NULL, uid CHAR(32) NOT NULL, team_id INTEGER, state VARCHAR(7) NOT NULL, payload JSON, amount NUMERIC(12, 4), ratio FLOAT, enabled BOOLEAN, created_at DATETIME DEFAULT CURRENT_TIMESTAMP NOT NULL, day DATE, clock TIME, duration DATETIME, raw BLOB, note TEXT, PRIMARY KEY (id), CONSTRAINT ck_jobs_enabled CHECK (enabled IN (0, 1)), FOREIGN KEY(team_id) REFERENCES teams (id) ON DELETE SET NULL, UNIQUE (uid));
CREATE INDEX ix_jobs_state ON jobs (state);
INSERT INTO alembic_version VALUES ('9f3c1a2b4d5e');
INSERT INTO teams VALUES (1, 'core', 3), (3, 'all', NULL);
INSERT INTO jobs VALUES
    (1, '0b3f5b0e92f14a0e8a4e5d7c1f6b8a01', 1, 'pending', '{"a": 1, "b": [true, null]}', 1234.5678, 0.333, 1, '2024-01-01 10:00:00.123456', '2024-01-01', '10:00:00.000000', '1970-01-02 03:04:05.000006', x'0001', 'x'),
    (2, '0b3f5b0e92f14a0e8a4e5d7c1f6b8a02', NULL, 'DONE', 'null', 5, 2, 0, '2024-01-02 00:00:00', NULL, '00:00:00.000001', NULL, NULL, NULL),
    (9, '0b3f5b0e92f14a0e8a4e5d7c1f6b8a03', 3, 'pending', NULL, NULL, NULL, NULL, '2024-01-02 00:00:00.000000', '0001-01-01', NULL, '1970-01-01 00:00:00.000000', x'', '');
