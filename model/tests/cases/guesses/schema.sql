-- test/case at 1

CREATE TABLE "apps" (
    "id" int8 NOT NULL,
    "title" text,
    "seen" timestamptz NOT NULL
);

ALTER TABLE "apps" ADD CONSTRAINT "apps_pkey" PRIMARY KEY ("id");

CREATE INDEX "apps_title" ON "apps" ("title");

CREATE TABLE "owners" (
    "id" int8 NOT NULL,
    "name" text NOT NULL,
    "took" interval NOT NULL
);

ALTER TABLE "owners" ADD CONSTRAINT "owners_pkey" PRIMARY KEY ("id");

ALTER TABLE "owners" ADD CONSTRAINT "owners_name_key" UNIQUE ("name");

-- test/case at 2

CREATE TABLE "apps" (
    "id" int8 NOT NULL,
    "title" text,
    "seen" timestamptz NOT NULL
);

ALTER TABLE "apps" ADD CONSTRAINT "apps_pkey" PRIMARY KEY ("id");

CREATE INDEX "apps_title" ON "apps" ("title");

CREATE TABLE "owners" (
    "id" int8 NOT NULL,
    "name" text NOT NULL,
    "took" interval NOT NULL
);

ALTER TABLE "owners" ADD CONSTRAINT "owners_pkey" PRIMARY KEY ("id");

ALTER TABLE "owners" ADD CONSTRAINT "owners_name_key" UNIQUE ("name");
