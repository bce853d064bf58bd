-- Prisma on SQLite: camel case, cuids, dates as milliseconds, enums as text.
CREATE TABLE "_prisma_migrations" ("id" TEXT PRIMARY KEY NOT NULL, "checksum" TEXT NOT NULL, "finished_at" DATETIME, "migration_name" TEXT NOT NULL, "logs" TEXT, "rolled_back_at" DATETIME, "started_at" DATETIME NOT NULL DEFAULT current_timestamp, "applied_steps_count" INTEGER UNSIGNED NOT NULL DEFAULT 0);
CREATE TABLE "User" ("id" TEXT NOT NULL PRIMARY KEY, "email" TEXT NOT NULL, "role" TEXT NOT NULL DEFAULT 'USER', "createdAt" DATETIME NOT NULL DEFAULT CURRENT_TIMESTAMP, "updatedAt" DATETIME NOT NULL, "isActive" BOOLEAN NOT NULL DEFAULT true, "prefs" JSONB, "credit" DECIMAL NOT NULL DEFAULT 0, "big" BIGINT, "ratio" REAL, "photo" BLOB);
CREATE TABLE "Post" ("id" INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, "title" TEXT NOT NULL, "authorId" TEXT, "publishedAt" DATETIME, CONSTRAINT "Post_authorId_fkey" FOREIGN KEY ("authorId") REFERENCES "User" ("id") ON DELETE SET NULL ON UPDATE CASCADE);
CREATE TABLE "_PostToTag" ("A" INTEGER NOT NULL, "B" TEXT NOT NULL, CONSTRAINT "_PostToTag_A_fkey" FOREIGN KEY ("A") REFERENCES "Post" ("id") ON DELETE CASCADE ON UPDATE CASCADE);
CREATE UNIQUE INDEX "User_email_key" ON "User"("email");
CREATE UNIQUE INDEX "_PostToTag_AB_unique" ON "_PostToTag"("A", "B");
CREATE INDEX "_PostToTag_B_index" ON "_PostToTag"("B");
INSERT INTO _prisma_migrations VALUES ('4a8f2f9e-5a0b-4d8e-9a40-1f2c3d4e5f60', 'abc', 1700000000123, '20231114_init', NULL, NULL, 1700000000001, 1);
INSERT INTO User VALUES
    ('clp3x1', 'ada@example.com', 'ADMIN', 1700000000123, 1700000100000, 1, '{"dark":true}', 10.5, 9007199254740993, 0.5, x'01'),
    ('clp3x2', 'bob@example.com', 'USER', 1600000000000, 1600000000999, 0, NULL, 0, NULL, NULL, NULL);
INSERT INTO Post VALUES (1, 'Hello', 'clp3x1', 1700000000500), (5, 'No one', NULL, NULL);
INSERT INTO _PostToTag VALUES (1, 'news'), (5, 'news');
