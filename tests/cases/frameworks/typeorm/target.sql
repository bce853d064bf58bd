-- TypeORM on PostgreSQL: other migrations of the same names run here.
CREATE TABLE "migrations" ("id" SERIAL NOT NULL, "timestamp" bigint NOT NULL, "name" character varying NOT NULL, CONSTRAINT "PK_8c82d7f526340ab734260ea46be" PRIMARY KEY ("id"));
CREATE TABLE "typeorm_metadata" ("type" character varying NOT NULL, "database" character varying, "schema" character varying, "table" character varying, "name" character varying, "value" text);
CREATE TYPE "workflow_mode_enum" AS ENUM ('auto', 'manual');
CREATE TABLE "workflow" ("id" character varying(36) NOT NULL, "name" character varying(128) NOT NULL, "active" boolean NOT NULL DEFAULT false, "nodes" json NOT NULL, "mode" "workflow_mode_enum" NOT NULL DEFAULT 'manual', "createdAt" TIMESTAMP(3) WITH TIME ZONE NOT NULL DEFAULT CURRENT_TIMESTAMP(3), "updatedAt" TIMESTAMP NOT NULL DEFAULT now(), CONSTRAINT "PK_eb5e4cc1a9ef2e94805b676751b" PRIMARY KEY ("id"));
CREATE TABLE "execution" ("id" SERIAL NOT NULL, "workflowId" character varying(36) NOT NULL, "startedAt" TIMESTAMP WITH TIME ZONE, "waitTill" TIMESTAMP WITH TIME ZONE, "finished" boolean NOT NULL, CONSTRAINT "PK_cc6684fedf29ec4c86db8448a2b" PRIMARY KEY ("id"));
CREATE INDEX "IDX_execution_workflow" ON "execution" ("workflowId");
ALTER TABLE "execution" ADD CONSTRAINT "FK_c4d999a5e90784e8caccf5589de" FOREIGN KEY ("workflowId") REFERENCES "workflow"("id") ON DELETE CASCADE ON UPDATE NO ACTION;
INSERT INTO migrations ("timestamp", name) VALUES (1588102412422, 'InitialMigration1588102412422'), (1592445003908, 'Webhook1592445003908');
