-- Rails: db:migrate on SQLite. Older rows still say 't' and 'f'.
CREATE TABLE "schema_migrations" ("version" varchar NOT NULL PRIMARY KEY);
CREATE TABLE "ar_internal_metadata" ("key" varchar NOT NULL PRIMARY KEY, "value" varchar, "created_at" datetime(6) NOT NULL, "updated_at" datetime(6) NOT NULL);
CREATE TABLE "users" ("id" integer PRIMARY KEY AUTOINCREMENT NOT NULL, "email" varchar DEFAULT '' NOT NULL, "nickname" varchar(40), "admin" boolean DEFAULT 0 NOT NULL, "confirmed" boolean, "sign_in_count" integer DEFAULT 0, "settings" json DEFAULT '{}' NOT NULL, "balance" decimal(10,2) DEFAULT 0.0, "rating" float, "born_on" date, "wakes_at" time(6), "avatar" blob, "api_token" varchar, "last_seen_at" datetime, "created_at" datetime(6) NOT NULL, "updated_at" datetime(6) NOT NULL);
CREATE UNIQUE INDEX "index_users_on_email" ON "users" ("email");
CREATE INDEX "index_users_on_lower_nickname" ON "users" (lower(nickname));
CREATE TABLE "posts" ("id" varchar NOT NULL PRIMARY KEY, "user_id" integer NOT NULL, "title" varchar, "body" text, "status" integer DEFAULT 0 NOT NULL, "record_type" varchar, "record_id" bigint, "deleted_at" datetime(6), "created_at" datetime(6) NOT NULL, CONSTRAINT "fk_rails_5b5ddfd518"
FOREIGN KEY ("user_id")
  REFERENCES "users" ("id")
 ON DELETE CASCADE, CONSTRAINT title_there CHECK (length(title) > 0));
CREATE INDEX "index_posts_on_user_id" ON "posts" ("user_id");
CREATE UNIQUE INDEX "index_posts_on_record" ON "posts" ("record_type", "record_id") WHERE deleted_at IS NULL;
CREATE TABLE "posts_tags" ("post_id" varchar NOT NULL, "tag" varchar NOT NULL);
CREATE UNIQUE INDEX "index_posts_tags_on_post_id_and_tag" ON "posts_tags" ("post_id", "tag");
INSERT INTO schema_migrations VALUES ('20230101120000'), ('20240202130000');
INSERT INTO ar_internal_metadata VALUES
    ('environment', 'production', '2023-01-01 12:00:00.1', '2023-01-01 12:00:00.1');
INSERT INTO users VALUES
    (1, 'ada@example.com', 'Ada', 't', 'f', 12, '{"theme":"dark","n":[1,2]}', 12.5, 4.25,
     '1990-05-17', '2000-01-01 07:30:00', x'00ff10', 'a1b2', '2024-02-01 08:00:00.000000',
     '2023-01-01 12:00:00.123456', '2024-02-02 13:00:00'),
    (2, 'bob@example.com', NULL, 0, 1, NULL, '{}', 0.1, NULL, NULL, '2000-01-01 23:59:59.500000',
     NULL, NULL, NULL, '2023-06-01 00:00:00.000000', '2023-06-01 00:00:00.5'),
    (4, '', '', 1, NULL, 0, '{"ünï":"✓"}', -99999999.99, 1e10, '2024-02-29', NULL, x'',
     'x', '2024-02-01 08:00:00', '2024-01-01 00:00:00.000001', '2024-01-01 00:00:00.000001');
INSERT INTO posts VALUES
    ('0b3f5b0e-92f1-4a0e-8a4e-5d7c1f6b8a01', 1, 'First', 'Line one
line two', 1, 'Photo', 7, NULL, '2024-01-05 10:00:00.000000'),
    ('0b3f5b0e-92f1-4a0e-8a4e-5d7c1f6b8a02', 1, NULL, '', 0, 'Photo', 7,
     '2024-01-07 10:00:00.250000', '2024-01-06 10:00:00.000000');
INSERT INTO posts_tags VALUES ('0b3f5b0e-92f1-4a0e-8a4e-5d7c1f6b8a01', 'ruby');
