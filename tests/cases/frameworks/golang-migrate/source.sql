-- golang-migrate, with rows as GORM and database/sql write them.
CREATE TABLE schema_migrations (version uint64, dirty bool);
CREATE UNIQUE INDEX version_unique ON schema_migrations (version);
CREATE TABLE `users` (`id` integer PRIMARY KEY AUTOINCREMENT, `created_at` datetime, `updated_at` datetime, `deleted_at` datetime, `name` text, `email` text, `active` numeric, `score` real, `level` integer, `token` blob, `meta` JSON, `uid` text, `expires` integer, `timeout` integer, CONSTRAINT `uni_users_email` UNIQUE (`email`));
CREATE INDEX `idx_users_deleted_at` ON `users`(`deleted_at`);
CREATE TABLE `keys` (`id` blob PRIMARY KEY, `user_id` integer, `hash` blob NOT NULL, `last_used` datetime DEFAULT (datetime('now')), CONSTRAINT `fk_users_keys` FOREIGN KEY (`user_id`) REFERENCES `users`(`id`) ON DELETE CASCADE);
INSERT INTO schema_migrations VALUES (20240303, false);
INSERT INTO users VALUES
    (1, '2023-05-01 10:00:00.123456789+02:00', '2023-05-01 10:00:00+00:00', NULL, 'Ada', 'a@example.com', 1, 1.5, 3, x'00ff', '{"k":"v"}', '550e8400-e29b-41d4-a716-446655440000', 1700000000, 30000000000),
    (2, '2023-05-02 10:00:00.5 +0000 UTC', '2023-05-01T10:00:00Z', '2024-01-01 00:00:00+00:00', '', NULL, 0, NULL, NULL, NULL, 'null', NULL, NULL, 1500000),
    (3, NULL, NULL, NULL, NULL, 'c@example.com', NULL, 2, -1, x'', '[]', '550E8400-E29B-41D4-A716-446655440001', 1600000000, 0);
INSERT INTO keys VALUES (x'550e8400e29b41d4a716446655440002', 1, x'aa', '2024-02-03 04:05:06'),
    (x'550e8400e29b41d4a716446655440003', 3, x'bb', NULL);
