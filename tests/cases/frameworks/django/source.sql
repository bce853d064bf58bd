-- Django: manage.py migrate on SQLite. A UUIDField is char(32), JSON is text with a check.
CREATE TABLE "django_migrations" ("id" integer NOT NULL PRIMARY KEY AUTOINCREMENT, "app" varchar(255) NOT NULL, "name" varchar(255) NOT NULL, "applied" datetime NOT NULL);
CREATE TABLE "django_content_type" ("id" integer NOT NULL PRIMARY KEY AUTOINCREMENT, "app_label" varchar(100) NOT NULL, "model" varchar(100) NOT NULL);
CREATE UNIQUE INDEX "django_content_type_app_label_model_76bd3d3b_uniq" ON "django_content_type" ("app_label", "model");
CREATE TABLE "auth_user" ("id" integer NOT NULL PRIMARY KEY AUTOINCREMENT, "password" varchar(128) NOT NULL, "last_login" datetime NULL, "is_superuser" bool NOT NULL, "username" varchar(150) NOT NULL UNIQUE, "date_joined" datetime NOT NULL);
CREATE TABLE "shop_order" ("id" char(32) NOT NULL PRIMARY KEY, "number" integer unsigned NOT NULL CHECK ("number" >= 0), "data" text NOT NULL CHECK ((JSON_VALID("data") OR "data" IS NULL)), "price" decimal NOT NULL, "weight" real NULL, "due" date NULL, "at" time NULL, "took" bigint NULL, "ip" char(39) NULL, "photo" BLOB NULL, "slug" varchar(50) NOT NULL, "paid" bool NULL, "small" smallint NOT NULL, "user_id" integer NULL REFERENCES "auth_user" ("id") DEFERRABLE INITIALLY DEFERRED);
CREATE INDEX "shop_order_slug_0d1e2f3a" ON "shop_order" ("slug");
CREATE INDEX "shop_order_user_id_1a2b3c4d" ON "shop_order" ("user_id");
CREATE TABLE "django_session" ("session_key" varchar(40) NOT NULL PRIMARY KEY, "session_data" text NOT NULL, "expire_date" datetime NOT NULL);
CREATE INDEX "django_session_expire_date_a5c62663" ON "django_session" ("expire_date");
INSERT INTO django_migrations VALUES (1, 'contenttypes', '0001_initial', '2023-01-01 12:00:00.123456'),
    (2, 'auth', '0001_initial', '2023-01-01 12:00:00.2'), (5, 'shop', '0001_initial', '2023-02-01 12:00:00');
INSERT INTO django_content_type VALUES (1, 'auth', 'user'), (7, 'shop', 'order');
INSERT INTO auth_user VALUES (1, 'pbkdf2_sha256$x', '2024-03-01 09:10:11.123456', 1, 'ada', '2023-01-01 12:00:00'),
    (2, '!', NULL, 0, 'Ünal', '2023-01-02 00:00:00.000001');
INSERT INTO shop_order VALUES
    ('0b3f5b0e92f14a0e8a4e5d7c1f6b8a01', 17, '{"items": [1, 2.50, null]}', 19.99, 1.5, '2024-03-31', '08:30:00', 90061000001, '192.168.0.7', x'89504e47', 'first-order', 1, -3, 1),
    ('0b3f5b0e92f14a0e8a4e5d7c1f6b8a02', 0, 'null', 100, NULL, NULL, '23:59:59.999999', NULL, '2001:db8::1', NULL, 'second', NULL, 32767, NULL),
    ('ffffffffffffffffffffffffffffffff', 2147483647, '[]', 0.1, 0, '1999-12-31', NULL, 0, NULL, x'', '', 0, 0, 2);
INSERT INTO django_session VALUES ('k3y', 'eyJ4IjoxfQ', '2024-04-01 00:00:00.5');
