-- Laravel on PostgreSQL.
create table "migrations" ("id" serial not null primary key, "migration" varchar(255) not null, "batch" integer not null);
create table "users" ("id" bigserial not null primary key, "name" varchar(255) not null, "email" varchar(255) not null, "email_verified_at" timestamp(0) without time zone null, "is_admin" boolean not null default '0', "role" varchar(255) check ("role" in ('member', 'owner')) not null default 'member', "balance" decimal(8, 2) not null default '0', "settings" json null, "remember_token" varchar(100) null, "created_at" timestamp(0) without time zone null, "updated_at" timestamp(0) without time zone null);
alter table "users" add constraint "users_email_unique" unique ("email");
create index "users_privileged_index" on "users" ("email") where "role" in ('owner', 'admin');
create table "sessions" ("id" varchar(255) not null, "user_id" bigint null, "ip_address" varchar(45) null, "payload" text not null, "last_activity" integer not null);
alter table "sessions" add primary key ("id");
create index "sessions_last_activity_index" on "sessions" ("last_activity");
insert into migrations (migration, batch) values ('2014_10_12_000000_create_users_table', 1), ('2019_08_19_000000_create_sessions_table', 1);
