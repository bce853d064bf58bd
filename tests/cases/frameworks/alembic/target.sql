-- SQLAlchemy with Alembic on PostgreSQL.
CREATE TYPE job_state AS ENUM ('pending', 'DONE', 'failed');
CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL, CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num));
CREATE TABLE teams (id SERIAL NOT NULL, name VARCHAR(80) NOT NULL, parent_id INTEGER, CONSTRAINT pk_teams PRIMARY KEY (id), CONSTRAINT uq_teams_name UNIQUE (name), CONSTRAINT fk_teams_parent_id_teams FOREIGN KEY(parent_id) REFERENCES teams (id));
CREATE TABLE jobs (id SERIAL NOT NULL, uid UUID NOT NULL, team_id INTEGER, state job_state NOT NULL, payload JSON, amount NUMERIC(12, 4), ratio FLOAT, enabled BOOLEAN, created_at TIMESTAMP WITHOUT TIME ZONE DEFAULT now() NOT NULL, day DATE, clock TIME WITHOUT TIME ZONE, duration INTERVAL, raw BYTEA, note TEXT, PRIMARY KEY (id), FOREIGN KEY(team_id) REFERENCES teams (id) ON DELETE SET NULL, UNIQUE (uid));
CREATE INDEX ix_jobs_state ON jobs (state);
INSERT INTO alembic_version VALUES ('9f3c1a2b4d5e');
