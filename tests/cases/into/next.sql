PRAGMA foreign_keys = off;
-- two new tables
CREATE TABLE content_reviews (
    id INTEGER PRIMARY KEY,
    app_guid TEXT NOT NULL REFERENCES apps (guid) ON DELETE CASCADE,
    reviewer_id INTEGER NOT NULL REFERENCES users,
    verdict VARCHAR(20) NOT NULL DEFAULT 'open',
    blocking BOOLEAN NOT NULL DEFAULT 0,
    reviewed_at DATETIME,
    UNIQUE (app_guid, reviewer_id)
);
CREATE INDEX content_reviews_verdict ON content_reviews (verdict) WHERE verdict <> 'open';
INSERT INTO content_reviews (id, app_guid, reviewer_id, verdict, blocking, reviewed_at)
    SELECT a.id, a.guid, (SELECT min(id) FROM users), 'agreed', a.id % 2, '2026-09-01T08:00:00Z' FROM apps a LIMIT 20;
CREATE TABLE review_notes (
    review_id INTEGER NOT NULL REFERENCES content_reviews ON DELETE CASCADE,
    place INTEGER NOT NULL,
    note TEXT,
    PRIMARY KEY (review_id, place)
);
INSERT INTO review_notes SELECT id, 1, 'n' || id FROM content_reviews;
-- a renamed column
ALTER TABLE apps RENAME COLUMN cluster_name TO execution_environment;
-- a new one
ALTER TABLE apps ADD COLUMN review_id INTEGER REFERENCES content_reviews;
-- a dropped index
DROP INDEX apps_principal_id_name;
-- a changed type
ALTER TABLE apps ADD COLUMN mode TEXT NOT NULL DEFAULT 'unknown';
UPDATE apps SET mode = 'mode ' || app_mode;
ALTER TABLE apps DROP COLUMN app_mode;
ALTER TABLE apps RENAME COLUMN mode TO app_mode;
