-- Laravel on SQLite.
CREATE TABLE "migrations" ("id" integer primary key autoincrement not null, "migration" varchar not null, "batch" integer not null);
CREATE TABLE "users" ("id" integer primary key autoincrement not null, "name" varchar not null, "email" varchar not null, "email_verified_at" datetime, "is_admin" tinyint(1) not null default '0', "role" varchar check ("role" in ('member', 'owner')) not null default 'member', "balance" numeric not null default '0', "settings" text, "remember_token" varchar, "created_at" datetime, "updated_at" datetime);
CREATE UNIQUE INDEX "users_email_unique" on "users" ("email");
CREATE INDEX "users_privileged_index" on "users" ("email") where "role" in ('owner', 'admin');
CREATE TABLE "sessions" ("id" varchar not null, "user_id" integer, "ip_address" varchar, "payload" text not null, "last_activity" integer not null, primary key ("id"));
CREATE INDEX "sessions_last_activity_index" on "sessions" ("last_activity");
INSERT INTO migrations VALUES (1, '2014_10_12_000000_create_users_table', 1), (2, '2019_08_19_000000_create_sessions_table', 2);
INSERT INTO users VALUES (1, 'Ada', 'a@example.com', '2024-01-01 10:00:00', 1, 'owner', 12.5, '{"x":1}', NULL, '2024-01-01 10:00:00', '2024-01-01 10:00:00'),
    (2, 'Bob', 'b@example.com', NULL, 0, 'member', 0, NULL, 'abc', NULL, NULL);
INSERT INTO sessions VALUES ('s1', 1, '127.0.0.1', 'YTo=', 1700000000);
