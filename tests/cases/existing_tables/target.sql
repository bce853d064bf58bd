-- What an application and its administrators may have made: everything that a load must leave.
CREATE TYPE team_kind AS ENUM ('inner', 'middle', 'outer');
CREATE DOMAIN address AS text CHECK (VALUE LIKE '%@%');
CREATE SEQUENCE shared_ids INCREMENT BY 1 START 10;
CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS
    $$ BEGIN
        IF current_setting('test.seeding', true) = 'on' THEN RETURN NEW; END IF;
        RAISE EXCEPTION 'a trigger fired';
    END $$;
CREATE FUNCTION mark() RETURNS trigger LANGUAGE plpgsql AS
    $$ BEGIN UPDATE marks SET count = count + 1; RETURN NULL; END $$;
CREATE TABLE marks (count int NOT NULL);
INSERT INTO marks VALUES (0);

CREATE TABLE "Accounts" (
    extra jsonb DEFAULT '{}'::jsonb NOT NULL,
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    dropped int,
    email address NOT NULL,
    "Name" varchar(40) NOT NULL CONSTRAINT "Named" CHECK ("Name" <> ''),
    parent bigint,
    team_org int,
    team_code text,
    active boolean NOT NULL DEFAULT true,
    ticket serial,
    seen timestamptz,
    CONSTRAINT "Email once" UNIQUE (email) INCLUDE (active) WITH (fillfactor = 70)
        DEFERRABLE INITIALLY DEFERRED
) WITH (fillfactor = 90);
ALTER TABLE "Accounts" DROP COLUMN dropped;
CREATE TABLE teams (
    org int NOT NULL,
    code text NOT NULL,
    lead bigint,
    kind team_kind NOT NULL,
    PRIMARY KEY (org, code)
);
CREATE TABLE bookings (
    id bigint PRIMARY KEY DEFAULT nextval('shared_ids'),
    from_at timestamp NOT NULL,
    until_at timestamp NOT NULL,
    cents int NOT NULL,
    total int GENERATED ALWAYS AS (cents * 2) STORED,
    half int GENERATED ALWAYS AS (cents / 2) STORED,
    during tsrange GENERATED ALWAYS AS (tsrange(from_at, until_at)) STORED,
    CONSTRAINT "no overlap" EXCLUDE USING gist (during WITH &&)
        DEFERRABLE INITIALLY DEFERRED,
    CONSTRAINT positive CHECK (cents > 0) NOT VALID
);
CREATE TABLE visits (
    id bigint PRIMARY KEY DEFAULT nextval('shared_ids'),
    account bigint NOT NULL,
    note text
);
-- Not of the migration, but referring to it, and with rows of its own.
CREATE TABLE audit (id serial PRIMARY KEY, account bigint, what text);
INSERT INTO audit (account, what) VALUES (NULL, 'installed');
ALTER TABLE audit ENABLE ROW LEVEL SECURITY;
CREATE POLICY own ON audit FOR SELECT USING (what <> 'hidden');

ALTER TABLE "Accounts" ADD CONSTRAINT "Self" FOREIGN KEY (parent) REFERENCES "Accounts" (id)
    ON DELETE SET NULL;
ALTER TABLE "Accounts" ADD CONSTRAINT in_team FOREIGN KEY (team_org, team_code)
    REFERENCES teams (org, code) MATCH FULL DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE teams ADD CONSTRAINT led_by FOREIGN KEY (lead) REFERENCES "Accounts" (id) DEFERRABLE;
ALTER TABLE visits ADD CONSTRAINT visitor FOREIGN KEY (account) REFERENCES "Accounts" (id) NOT VALID;
ALTER TABLE audit ADD CONSTRAINT about FOREIGN KEY (account) REFERENCES "Accounts" (id)
    ON UPDATE CASCADE;

CREATE INDEX "Accounts lower" ON "Accounts" (lower("Name") DESC NULLS LAST, (length(email)));
ALTER INDEX "Accounts lower" ALTER COLUMN 2 SET STATISTICS 500;
CREATE UNIQUE INDEX one_active ON "Accounts" (email text_pattern_ops) WHERE active;
CREATE INDEX by_team ON "Accounts" (team_org, team_code) INCLUDE (seen) WITH (fillfactor = 50);
ALTER TABLE "Accounts" CLUSTER ON by_team;
CREATE UNIQUE INDEX team_identity ON teams (code, org);
ALTER TABLE teams REPLICA IDENTITY USING INDEX team_identity;
CREATE INDEX visits_note ON visits USING hash (note);

CREATE TRIGGER refuses BEFORE INSERT ON "Accounts" FOR EACH ROW EXECUTE FUNCTION refuse();
CREATE TRIGGER "Always" AFTER INSERT ON "Accounts" FOR EACH ROW EXECUTE FUNCTION refuse();
ALTER TABLE "Accounts" ENABLE ALWAYS TRIGGER "Always";
CREATE TRIGGER replica AFTER INSERT ON "Accounts" FOR EACH ROW EXECUTE FUNCTION refuse();
ALTER TABLE "Accounts" ENABLE REPLICA TRIGGER replica;
CREATE TRIGGER off AFTER INSERT ON "Accounts" FOR EACH ROW EXECUTE FUNCTION refuse();
ALTER TABLE "Accounts" DISABLE TRIGGER off;
CREATE CONSTRAINT TRIGGER late AFTER INSERT ON visits DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW EXECUTE FUNCTION refuse();
CREATE TRIGGER emptied BEFORE TRUNCATE ON visits FOR EACH STATEMENT EXECUTE FUNCTION mark();

CREATE VIEW grouped AS SELECT id, "Name", count(*) OVER () FROM "Accounts" GROUP BY id;
CREATE VIEW visitors AS SELECT a."Name", v.note FROM "Accounts" a JOIN visits v ON v.account = a.id;
CREATE MATERIALIZED VIEW counted AS SELECT count(*) FROM visitors;
CREATE RULE noted AS ON UPDATE TO visits DO ALSO UPDATE marks SET count = count + 1;
CREATE STATISTICS together ON team_org, team_code FROM "Accounts";

GRANT SELECT, INSERT ON visits TO PUBLIC;
GRANT SELECT (id, "Name") ON "Accounts" TO PUBLIC;
GRANT USAGE ON SEQUENCE shared_ids TO PUBLIC;
COMMENT ON TABLE "Accounts" IS 'it''s the application''s';
COMMENT ON COLUMN "Accounts".email IS 'where to write';
COMMENT ON INDEX by_team IS 'for the list of "members"';
COMMENT ON INDEX "Email once" IS 'made with its constraint';
COMMENT ON CONSTRAINT "Email once" ON "Accounts" IS E'one each\nand no more';
COMMENT ON CONSTRAINT "Self" ON "Accounts" IS 'a tree';
COMMENT ON CONSTRAINT "no overlap" ON bookings IS 'one room';
COMMENT ON TRIGGER refuses ON "Accounts" IS 'refuses all';
COMMENT ON VIEW visitors IS 'who was there';
