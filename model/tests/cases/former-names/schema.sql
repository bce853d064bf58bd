-- test/case at 1

CREATE TABLE "schema_migrations" (
    "version" int8 NOT NULL
);

ALTER TABLE "schema_migrations" ADD CONSTRAINT "schema_migrations_pkey" PRIMARY KEY ("version");
