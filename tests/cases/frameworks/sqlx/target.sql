-- sqlx on PostgreSQL.
CREATE TABLE _sqlx_migrations (version BIGINT PRIMARY KEY, description TEXT NOT NULL, installed_on TIMESTAMPTZ NOT NULL DEFAULT now(), success BOOLEAN NOT NULL, checksum BYTEA NOT NULL, execution_time BIGINT NOT NULL);
CREATE TABLE tokens (id uuid PRIMARY KEY DEFAULT gen_random_uuid(), owner text NOT NULL, revoked boolean NOT NULL DEFAULT false, created_at timestamptz NOT NULL, expires_at timestamptz, uses integer NOT NULL DEFAULT 0, payload jsonb);
CREATE INDEX tokens_live ON tokens (owner) WHERE NOT revoked;
INSERT INTO _sqlx_migrations VALUES (20240101000000, 'init', now(), true, '\x00bb', 2000);
