-- Flyway, with rows as JDBC writes them: milliseconds, booleans as 0 and 1.
CREATE TABLE "flyway_schema_history" ("installed_rank" INT NOT NULL PRIMARY KEY, "version" VARCHAR(50), "description" VARCHAR(200) NOT NULL, "type" VARCHAR(20) NOT NULL, "script" VARCHAR(1000) NOT NULL, "checksum" INT, "installed_by" VARCHAR(100) NOT NULL, "installed_on" TEXT NOT NULL DEFAULT (strftime('%Y-%m-%d %H:%M:%f','now')), "execution_time" INT NOT NULL, "success" BOOLEAN NOT NULL);
CREATE INDEX "flyway_schema_history_s_idx" ON "flyway_schema_history" ("success");
CREATE TABLE customer (customer_id INTEGER PRIMARY KEY, name VARCHAR(60) NOT NULL, vip BOOLEAN NOT NULL, born DATE, registered TIMESTAMP NOT NULL, credit_limit DECIMAL(12,2), code CHAR(2), guid BLOB, doc CLOB);
INSERT INTO flyway_schema_history VALUES (1, '1', 'init', 'SQL', 'V1__init.sql', 123, '', '2024-01-01 10:00:00.123', 5, 1), (2, '1.1', 'more', 'SQL', 'V1_1__more.sql', -7, '', '2024-01-02 10:00:00.123', 6, 1);
INSERT INTO customer VALUES
    (1, 'Ada', 1, 642816000000, 1700000000123, 100.5, 'de', x'550e8400e29b41d4a716446655440000', 'long'),
    (2, 'Bob', 0, -86400000, 1600000000000, NULL, 'x', NULL, NULL);
