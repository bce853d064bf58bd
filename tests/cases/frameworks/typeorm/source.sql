-- TypeORM on SQLite: simple-json and simple-array are text, enums get a check.
CREATE TABLE "migrations" ("id" integer PRIMARY KEY AUTOINCREMENT NOT NULL, "timestamp" bigint NOT NULL, "name" varchar NOT NULL);
CREATE TABLE "typeorm_metadata" ("type" varchar NOT NULL, "database" varchar, "schema" varchar, "table" varchar, "name" varchar, "value" text);
CREATE TABLE "workflow" ("id" varchar(36) PRIMARY KEY NOT NULL, "name" varchar(128) NOT NULL, "active" boolean NOT NULL DEFAULT (0), "nodes" text NOT NULL, "mode" varchar CHECK( "mode" IN ('auto','manual') ) NOT NULL DEFAULT ('manual'), "createdAt" datetime(3) NOT NULL DEFAULT (STRFTIME('%Y-%m-%d %H:%M:%f', 'NOW')), "updatedAt" datetime NOT NULL DEFAULT (datetime('now')));
CREATE TABLE "execution" ("id" integer PRIMARY KEY AUTOINCREMENT NOT NULL, "workflowId" varchar(36) NOT NULL, "startedAt" datetime, "waitTill" datetime, "finished" boolean NOT NULL, CONSTRAINT "FK_c4d999a5e90784e8caccf5589de" FOREIGN KEY ("workflowId") REFERENCES "workflow" ("id") ON DELETE CASCADE ON UPDATE NO ACTION);
CREATE INDEX "IDX_execution_workflow" ON "execution" ("workflowId");
INSERT INTO migrations VALUES (1, 1588102412422, 'InitialMigration1588102412422'), (2, 1592445003908, 'Webhook1592445003908');
INSERT INTO workflow VALUES
    ('aZ3', 'First', 1, '[{"type":"start"}]', 'auto', '2024-01-01 10:00:00.123', '2024-01-01 10:00:00'),
    ('bY4', 'Zwei', 0, '[]', 'manual', '2024-01-02 10:00:00.000', '2024-01-02 10:00:00');
INSERT INTO execution VALUES (3, 'aZ3', '2024-01-03 10:00:00.5', NULL, 1), (4, 'aZ3', NULL, '2024-01-03 10:00:00', 0);
