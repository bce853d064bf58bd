-- Knex on PostgreSQL.
create table "knex_migrations" ("id" serial primary key, "name" varchar(255), "batch" integer, "migration_time" timestamptz);
create table "knex_migrations_lock" ("index" serial primary key, "is_locked" integer);
create table "accounts" ("id" serial primary key, "uuid" uuid not null, "name" varchar(255) not null, "kind" text check ("kind" in ('person', 'bot')) not null default 'person', "enabled" boolean not null default '1', "config" json, "rate" real, "fee" decimal(8, 2), "ends_on" date, "created_at" timestamptz not null default CURRENT_TIMESTAMP, "updated_at" timestamptz not null);
alter table "accounts" add constraint "accounts_uuid_unique" unique ("uuid");
create table "account_keys" ("account_id" integer not null, "key" varchar(64) not null, "last_used_at" timestamptz);
alter table "account_keys" add constraint "account_keys_pkey" primary key ("account_id", "key");
alter table "account_keys" add constraint "account_keys_account_id_foreign" foreign key ("account_id") references "accounts" ("id") on delete CASCADE;
insert into knex_migrations (name, batch, migration_time) values ('20230101_init.js', 1, now()), ('20230202_keys.js', 1, now());
insert into knex_migrations_lock (is_locked) values (0);
