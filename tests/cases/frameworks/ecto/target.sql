-- Ecto with Postgrex.
CREATE TABLE "schema_migrations" ("version" bigint, "inserted_at" timestamp(0), PRIMARY KEY ("version"));
CREATE TABLE "devices" ("id" uuid NOT NULL, "name" varchar(255) NOT NULL, "mac" varchar(255), "enabled" boolean DEFAULT true NOT NULL, "labels" jsonb DEFAULT '{}' NOT NULL, "price" numeric, "seen_at" timestamp, "day" date, "key" bytea, "inserted_at" timestamp(0) NOT NULL, "updated_at" timestamp(0) NOT NULL, PRIMARY KEY ("id"));
CREATE UNIQUE INDEX "devices_name_index" ON "devices" ("name");
CREATE TABLE "readings" ("id" bigserial, "device_id" uuid NOT NULL, CONSTRAINT "readings_device_id_fkey" FOREIGN KEY ("device_id") REFERENCES "devices"("id") ON DELETE CASCADE, "value" numeric(10,2) NOT NULL, "inserted_at" timestamp(0) NOT NULL, PRIMARY KEY ("id"));
CREATE INDEX "readings_device_id_index" ON "readings" ("device_id");
INSERT INTO schema_migrations VALUES (20230101000000, now()), (20230202000000, now());
