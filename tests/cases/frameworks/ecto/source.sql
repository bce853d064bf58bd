-- Ecto with ecto_sqlite3: ISO 8601 text, UUIDs as text.
CREATE TABLE "schema_migrations" ("version" INTEGER PRIMARY KEY, "inserted_at" TEXT);
CREATE TABLE "devices" ("id" TEXT PRIMARY KEY, "name" TEXT NOT NULL, "mac" TEXT, "enabled" INTEGER DEFAULT true NOT NULL, "labels" TEXT DEFAULT '{}' NOT NULL, "price" NUMERIC, "seen_at" TEXT, "day" TEXT, "key" BLOB, "inserted_at" TEXT NOT NULL, "updated_at" TEXT NOT NULL);
CREATE UNIQUE INDEX "devices_name_index" ON "devices" ("name");
CREATE TABLE "readings" ("id" INTEGER PRIMARY KEY AUTOINCREMENT, "device_id" TEXT NOT NULL CONSTRAINT "readings_device_id_fkey" REFERENCES "devices"("id") ON DELETE CASCADE, "value" NUMERIC NOT NULL, "inserted_at" TEXT NOT NULL);
CREATE INDEX "readings_device_id_index" ON "readings" ("device_id");
INSERT INTO schema_migrations VALUES (20230101000000, '2023-01-01T00:00:01'), (20230202000000, '2023-02-02T00:00:01');
INSERT INTO devices VALUES
    ('550e8400-e29b-41d4-a716-446655440000', 'lamp', '00:11:22:33:44:55', 1, '{"room":"hall"}', '12.50', '2024-01-01T10:00:00.123456', '2024-01-01', x'00', '2023-01-01T00:00:00', '2023-01-01T00:00:00'),
    ('550e8400-e29b-41d4-a716-446655440001', 'door', NULL, 0, '{}', NULL, NULL, NULL, NULL, '2023-01-01T00:00:00', '2023-06-01T12:34:56');
INSERT INTO readings VALUES (1, '550e8400-e29b-41d4-a716-446655440000', 21.5, '2024-01-01T10:00:00'), (2, '550e8400-e29b-41d4-a716-446655440000', -3, '2024-01-01T10:05:00');
