-- Knex on SQLite: dates as milliseconds by better-sqlite3, or as text by CURRENT_TIMESTAMP.
CREATE TABLE `knex_migrations` (`id` integer not null primary key autoincrement, `name` varchar(255), `batch` integer, `migration_time` datetime);
CREATE TABLE `knex_migrations_lock` (`index` integer not null primary key autoincrement, `is_locked` integer);
CREATE TABLE `accounts` (`id` integer not null primary key autoincrement, `uuid` char(36) not null, `name` varchar(255) not null, `kind` text check (`kind` in ('person', 'bot')) not null default 'person', `enabled` boolean not null default '1', `config` json, `rate` float, `fee` decimal(8, 2), `ends_on` date, `created_at` datetime not null default CURRENT_TIMESTAMP, `updated_at` datetime not null);
CREATE UNIQUE INDEX `accounts_uuid_unique` on `accounts` (`uuid`);
CREATE TABLE `account_keys` (`account_id` integer not null, `key` varchar(64) not null, `last_used_at` datetime, foreign key(`account_id`) references `accounts`(`id`) on delete CASCADE, primary key (`account_id`, `key`));
INSERT INTO knex_migrations VALUES (1, '20230101_init.js', 1, 1672531200123), (2, '20230202_keys.js', 2, 1675296000456);
INSERT INTO knex_migrations_lock VALUES (1, 0);
INSERT INTO accounts VALUES
    (1, '550e8400-e29b-41d4-a716-446655440000', 'Ada', 'person', 1, '{"a":1}', 0.25, 9.99, '2024-05-05', '2023-01-01 00:00:00', 1672531200123),
    (2, '550e8400-e29b-41d4-a716-446655440001', 'Bot', 'bot', 0, NULL, NULL, NULL, NULL, '2023-01-02 10:00:00', 1672617600000);
INSERT INTO account_keys VALUES (1, 'k1', 1672531200999), (1, 'k2', NULL);
