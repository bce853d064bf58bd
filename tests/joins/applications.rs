//! Applications built like well-known ones, moved as an administrator would do it: one command at a
//! terminal, the application's own tables in PostgreSQL, and a few answers.

use crate::server;

use super::copies::Files;

/// Moves the file with these answers and so many questions, the last of which asks whether to
/// write; a comparison and a second run find everything done.
fn move_application(files: &Files, rules: &[(&str, &str)], questions: usize) -> String {
    let ran = files.answer_at(&files.database.url, &[], rules);
    ran.expect(0, &["Done: "]);
    assert_eq!(ran.questions, questions, "{}", ran.text);
    files.run(&["--verify"]).expect(0, &[]);
    let again = files.answer_at(&files.database.url, &[], rules);
    again.expect(0, &["all tables already exist"]);
    server::next_values_are_free(&files.database.url);
    ran.text
}

/// Like Roundcube: sequences named as text by defaults, times without an offset on SQLite's side
/// and with one on PostgreSQL's.
#[test]
fn a_mail_client_asks_for_the_zone_of_its_times() {
    let files = Files::new(
        "CREATE TABLE users (user_id INTEGER NOT NULL PRIMARY KEY, username varchar(128) NOT NULL
                DEFAULT '', mail_host varchar(128) NOT NULL DEFAULT '', created datetime NOT NULL
                DEFAULT '0000-00-00 00:00:00', last_login datetime DEFAULT NULL,
                failed_login_counter integer DEFAULT NULL, language varchar(16), preferences text);
         CREATE UNIQUE INDEX ix_users_username ON users (username, mail_host);
         CREATE TABLE contacts (contact_id integer NOT NULL PRIMARY KEY, user_id integer NOT NULL,
                changed datetime NOT NULL DEFAULT '0000-00-00 00:00:00', del tinyint NOT NULL
                DEFAULT '0', name varchar(128) NOT NULL DEFAULT '', email text NOT NULL,
                vcard text, words text NOT NULL DEFAULT '');
         CREATE TABLE contactgroups (contactgroup_id integer NOT NULL PRIMARY KEY, user_id integer
                NOT NULL DEFAULT '0', changed datetime NOT NULL DEFAULT '0000-00-00 00:00:00', del
                tinyint NOT NULL DEFAULT '0', name varchar(128) NOT NULL DEFAULT '');
         CREATE TABLE session (sess_id varchar(128) NOT NULL PRIMARY KEY, changed datetime NOT NULL
                DEFAULT '0000-00-00 00:00:00', ip varchar(40) NOT NULL DEFAULT '', vars text NOT
                NULL);
         CREATE TABLE system (name varchar(64) NOT NULL PRIMARY KEY, value text NOT NULL);
         INSERT INTO users VALUES (1, 'ada', 'localhost', '2024-01-01 10:00:00',
            '2024-05-01 08:00:00', 0, 'en_US', 'a:0:{}'), (5, 'bob', 'localhost',
            '2024-02-01 10:00:00', NULL, NULL, NULL, NULL);
         INSERT INTO contacts VALUES (3, 1, '2024-03-01 10:00:00', 0, 'Eve', 'e@x', NULL, ' eve');
         INSERT INTO contactgroups VALUES (2, 1, '2024-03-02 10:00:00', 0, 'friends');
         INSERT INTO session VALUES ('abc', '2024-06-01 10:00:00', '::1', 'x');
         INSERT INTO system VALUES ('roundcube-version', '2022081200')",
        "CREATE SEQUENCE users_seq; CREATE SEQUENCE contacts_seq; CREATE SEQUENCE contactgroups_seq;
         CREATE TABLE users (user_id integer DEFAULT nextval('users_seq'::text) PRIMARY KEY,
            username varchar(128) DEFAULT '' NOT NULL, mail_host varchar(128) DEFAULT '' NOT NULL,
            created timestamp with time zone DEFAULT now() NOT NULL, last_login timestamp with time
            zone, failed_login_counter integer, language varchar(16), preferences text,
            CONSTRAINT users_username_key UNIQUE (username, mail_host));
         CREATE TABLE contacts (contact_id integer DEFAULT nextval('contacts_seq'::text)
            PRIMARY KEY, user_id integer NOT NULL REFERENCES users (user_id) ON DELETE CASCADE,
            changed timestamp with time zone DEFAULT now() NOT NULL, del smallint DEFAULT 0 NOT
            NULL, name varchar(128) DEFAULT '' NOT NULL, email text DEFAULT '' NOT NULL, vcard text,
            words text);
         CREATE TABLE contactgroups (contactgroup_id integer DEFAULT
            nextval('contactgroups_seq'::text) PRIMARY KEY, user_id integer NOT NULL REFERENCES
            users (user_id), changed timestamp with time zone DEFAULT now() NOT NULL, del smallint
            NOT NULL DEFAULT 0, name varchar(128) NOT NULL DEFAULT '');
         CREATE TABLE session (sess_id varchar(128) DEFAULT '' PRIMARY KEY, changed timestamp with
            time zone DEFAULT now() NOT NULL, ip varchar(41) NOT NULL, vars text NOT NULL);
         CREATE TABLE system (name varchar(64) NOT NULL PRIMARY KEY, value text);
         INSERT INTO system VALUES ('roundcube-version', '2022081200')",
    );
    move_application(&files, &[], 3);
    assert_eq!(files.count("users WHERE created = '2024-01-01 10:00:00+00' AND user_id = 1"), 1);
    files.execute("INSERT INTO users (username) VALUES ('new')");
    assert_eq!(files.count("users WHERE user_id > 5 AND username = 'new'"), 1);
}

/// Like Vaultwarden: its lists of migrations have different entries on both sides, ids are UUIDs as
/// text, keys are blobs.
#[test]
fn a_password_server_asks_whether_its_list_of_migrations_stays() {
    let files = Files::new(
        "CREATE TABLE __diesel_schema_migrations (version VARCHAR(50) PRIMARY KEY NOT NULL, run_on
                TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP);
         CREATE TABLE users (uuid TEXT NOT NULL PRIMARY KEY, created_at DATETIME NOT NULL, email
                TEXT NOT NULL UNIQUE, password_hash BLOB NOT NULL, salt BLOB NOT NULL, enabled
                BOOLEAN NOT NULL DEFAULT 1, client_kdf_iter INTEGER NOT NULL DEFAULT 100000);
         CREATE TABLE ciphers (uuid TEXT NOT NULL PRIMARY KEY, created_at DATETIME NOT NULL,
                user_uuid TEXT REFERENCES users (uuid), atype INTEGER NOT NULL, name TEXT NOT NULL,
                data TEXT NOT NULL, deleted_at DATETIME);
         CREATE TABLE favorites (user_uuid TEXT NOT NULL REFERENCES users (uuid), cipher_uuid TEXT
                NOT NULL REFERENCES ciphers (uuid), PRIMARY KEY (user_uuid, cipher_uuid));
         INSERT INTO __diesel_schema_migrations VALUES ('20180101', '2024-01-01 00:00:00'),
            ('20180202', '2024-01-01 00:00:00'), ('20240101', '2024-01-02 00:00:00');
         INSERT INTO users VALUES ('8f8ae9b1-6ea8-4b7c-9d8a-0a4f3f0d9c11',
            '2024-01-01 10:00:00.123456', 'a@x', x'00ff', x'01', 1, 600000);
         INSERT INTO ciphers VALUES ('5b0c2a52-5a41-4a34-8a5e-0d5a0fd1d9a2',
            '2024-01-01 10:00:00.5', '8f8ae9b1-6ea8-4b7c-9d8a-0a4f3f0d9c11', 1, '2.x|y', '{}',
            NULL);
         INSERT INTO favorites VALUES ('8f8ae9b1-6ea8-4b7c-9d8a-0a4f3f0d9c11',
            '5b0c2a52-5a41-4a34-8a5e-0d5a0fd1d9a2')",
        "CREATE TABLE __diesel_schema_migrations (version varchar(50) PRIMARY KEY, run_on timestamp
            NOT NULL DEFAULT CURRENT_TIMESTAMP);
         INSERT INTO __diesel_schema_migrations VALUES ('20190912', '2024-05-01'),
            ('20240101', '2024-05-01');
         CREATE TABLE users (uuid char(36) NOT NULL PRIMARY KEY, created_at timestamp NOT NULL,
            email varchar(255) NOT NULL UNIQUE, password_hash bytea NOT NULL, salt bytea NOT NULL,
            enabled boolean NOT NULL DEFAULT true, client_kdf_iter integer NOT NULL
            DEFAULT 100000);
         CREATE TABLE ciphers (uuid char(36) NOT NULL PRIMARY KEY, created_at timestamp NOT NULL,
            user_uuid char(36) REFERENCES users (uuid), atype integer NOT NULL, name text NOT NULL,
            data text NOT NULL, deleted_at timestamp);
         CREATE TABLE favorites (user_uuid varchar(40) NOT NULL REFERENCES users (uuid), cipher_uuid
            varchar(40) NOT NULL REFERENCES ciphers (uuid), PRIMARY KEY (user_uuid, cipher_uuid))",
    );
    let shown = move_application(&files, &[], 2);
    assert!(shown.contains("keep PostgreSQL's list in __diesel_schema_migrations"), "{shown}");
    assert_eq!(files.count("__diesel_schema_migrations WHERE version = '20190912'"), 1);
    assert_eq!(files.count("__diesel_schema_migrations"), 2);
    let exact =
        "users WHERE created_at = '2024-01-01 10:00:00.123456' AND password_hash = '\\x00ff'
        AND enabled";
    assert_eq!(files.count(exact), 1);
}

/// Like Prefect: SQLAlchemy's intervals, enums, JSON, UUIDs, and another head of its migrations.
#[test]
fn a_workflow_server_asks_about_times_lengths_and_migrations() {
    let files = Files::new(
        "CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL PRIMARY KEY);
         CREATE TABLE flow (id CHAR(36) DEFAULT (lower(hex(randomblob(16)))) NOT NULL PRIMARY KEY,
            created DATETIME NOT NULL, name VARCHAR NOT NULL UNIQUE, tags JSON DEFAULT '[]' NOT
            NULL);
         CREATE TABLE flow_run (id CHAR(36) NOT NULL PRIMARY KEY, created DATETIME NOT NULL, flow_id
            CHAR(36) NOT NULL REFERENCES flow (id) ON DELETE CASCADE, state_type VARCHAR(9),
            parameters JSON DEFAULT '{}' NOT NULL, total_run_time DATETIME NOT NULL DEFAULT
            '1970-01-01 00:00:00.000000', run_count INTEGER DEFAULT '0' NOT NULL, auto_scheduled
            BOOLEAN DEFAULT '0' NOT NULL);
         INSERT INTO alembic_version VALUES ('aaaaaaaaaaaa');
         INSERT INTO flow VALUES ('8f8ae9b1-6ea8-4b7c-9d8a-0a4f3f0d9c11',
            '2024-01-01 10:00:00.000000', 'etl', '[\"x\"]');
         INSERT INTO flow_run VALUES ('5b0c2a52-5a41-4a34-8a5e-0d5a0fd1d9a2',
            '2024-01-01 10:00:01.250000', '8f8ae9b1-6ea8-4b7c-9d8a-0a4f3f0d9c11', 'COMPLETED',
            '{\"n\": 1}', '1970-01-01 00:05:00.500000', 2, 0)",
        "CREATE TYPE state_type AS ENUM ('SCHEDULED', 'RUNNING', 'COMPLETED', 'FAILED');
         CREATE TABLE alembic_version (version_num varchar(32) PRIMARY KEY);
         INSERT INTO alembic_version VALUES ('bbbbbbbbbbbb');
         CREATE TABLE flow (id uuid DEFAULT gen_random_uuid() PRIMARY KEY, created timestamp with
            time zone NOT NULL DEFAULT now(), name varchar NOT NULL UNIQUE, tags jsonb DEFAULT '[]'
            NOT NULL);
         CREATE TABLE flow_run (id uuid DEFAULT gen_random_uuid() PRIMARY KEY, created timestamp
            with time zone NOT NULL DEFAULT now(), flow_id uuid NOT NULL REFERENCES flow (id) ON
            DELETE CASCADE, state_type state_type, parameters json DEFAULT '{}' NOT NULL,
            total_run_time interval NOT NULL DEFAULT '0', run_count integer DEFAULT 0 NOT NULL,
            auto_scheduled boolean DEFAULT false NOT NULL)",
    );
    let shown = move_application(&files, &[("total_run_time", "epoch")], 3);
    assert!(shown.contains("keep PostgreSQL's list in alembic_version"), "{shown}");
    let exact = "flow_run WHERE created = '2024-01-01 10:00:01.25+00' AND state_type = 'COMPLETED'
        AND total_run_time = '5 minutes 0.5 seconds' AND NOT auto_scheduled";
    assert_eq!(files.count(exact), 1);
}

/// Like Synapse: many sequences that belong to no column, and truth values as numbers.
#[test]
fn a_chat_server_names_the_sequences_that_nothing_is_tied_to() {
    let files = Files::new(
        "CREATE TABLE rooms (room_id TEXT PRIMARY KEY NOT NULL, is_public BOOL, creator TEXT,
            has_auth_chain_index BOOLEAN);
         CREATE TABLE events (stream_ordering INTEGER PRIMARY KEY, event_id TEXT NOT NULL UNIQUE,
            room_id TEXT NOT NULL, processed BOOL NOT NULL, depth BIGINT NOT NULL DEFAULT 0,
            received_ts BIGINT);
         CREATE TABLE state_groups (id BIGINT PRIMARY KEY, room_id TEXT NOT NULL, event_id TEXT NOT
            NULL);
         CREATE TABLE user_ips (user_id TEXT NOT NULL, ip TEXT NOT NULL, last_seen BIGINT NOT NULL);
         INSERT INTO rooms VALUES ('!a:x', 1, '@a:x', 0);
         INSERT INTO events VALUES (7, '$e', '!a:x', 1, 3, 1700000000000);
         INSERT INTO state_groups VALUES (4, '!a:x', '$e');
         INSERT INTO user_ips VALUES ('@a:x', '::1', 1700000000000)",
        "CREATE SEQUENCE events_stream_seq; CREATE SEQUENCE events_backfill_stream_seq INCREMENT -1
            MINVALUE -99999 MAXVALUE -1; CREATE SEQUENCE event_auth_chain_id;
         CREATE SEQUENCE state_group_id_seq; CREATE SEQUENCE user_id_seq;
         CREATE TABLE rooms (room_id text PRIMARY KEY NOT NULL, is_public boolean, creator text,
            has_auth_chain_index boolean);
         CREATE TABLE events (stream_ordering bigint PRIMARY KEY, event_id text NOT NULL UNIQUE,
            room_id text NOT NULL, processed boolean NOT NULL, depth bigint NOT NULL DEFAULT 0,
            received_ts bigint);
         CREATE TABLE state_groups (id bigint PRIMARY KEY, room_id text NOT NULL, event_id text NOT
            NULL);
         CREATE TABLE user_ips (user_id text NOT NULL, ip text NOT NULL, last_seen bigint NOT
            NULL)",
    );
    let shown = move_application(&files, &[], 2);
    for name in ["event_auth_chain_id", "events_backfill_stream_seq"] {
        assert!(shown.contains(&format!("sequence {name} is not tied to any column")), "{shown}");
    }
}
