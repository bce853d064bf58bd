CREATE TABLE "o12 größe's ""x""" (ID INTEGER PRIMARY KEY, "a b" TEXT, "A""b" TEXT, "名" TEXT);
INSERT INTO "o12 größe's ""x""" VALUES (1, 'x', 'y', 'z'), (2, NULL, '', ' ');
