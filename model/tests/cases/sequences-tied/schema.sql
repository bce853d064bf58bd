-- test/case at 1

CREATE TABLE "apps" (
    "id" int8 NOT NULL
);

ALTER TABLE "apps" ADD CONSTRAINT "apps_pkey" PRIMARY KEY ("id");

-- test/case at 2

CREATE TABLE "apps" (
    "id" int8 NOT NULL,
    "number" numeric NOT NULL
);

ALTER TABLE "apps" ADD CONSTRAINT "apps_pkey" PRIMARY KEY ("id");
