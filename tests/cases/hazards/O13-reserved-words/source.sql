CREATE TABLE "user" ("order" INTEGER PRIMARY KEY, "select" TEXT, "table" TEXT);
INSERT INTO "user" VALUES (1, 'a', 'b');
