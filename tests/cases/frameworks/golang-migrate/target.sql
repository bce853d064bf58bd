-- golang-migrate and GORM on PostgreSQL.
CREATE TABLE schema_migrations (version bigint not null primary key, dirty boolean not null);
CREATE TABLE "users" ("id" bigserial, "created_at" timestamptz, "updated_at" timestamptz, "deleted_at" timestamptz, "name" text, "email" text, "active" boolean, "score" decimal, "level" bigint, "token" bytea, "meta" jsonb, "uid" uuid, "expires" timestamptz, "timeout" bigint, PRIMARY KEY ("id"), CONSTRAINT "uni_users_email" UNIQUE ("email"));
CREATE INDEX "idx_users_deleted_at" ON "users" ("deleted_at");
CREATE TABLE "keys" ("id" uuid, "user_id" bigint, "hash" bytea NOT NULL, "last_used" timestamp DEFAULT (now() AT TIME ZONE 'utc'), PRIMARY KEY ("id"), CONSTRAINT "fk_users_keys" FOREIGN KEY ("user_id") REFERENCES "users"("id") ON DELETE CASCADE);
INSERT INTO schema_migrations VALUES (20240303, false);
