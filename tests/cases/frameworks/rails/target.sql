-- Rails: db:prepare on PostgreSQL.
CREATE TABLE public.schema_migrations (version character varying NOT NULL);
ALTER TABLE ONLY public.schema_migrations ADD CONSTRAINT schema_migrations_pkey PRIMARY KEY (version);
CREATE TABLE public.ar_internal_metadata (key character varying NOT NULL PRIMARY KEY, value character varying, created_at timestamp(6) without time zone NOT NULL, updated_at timestamp(6) without time zone NOT NULL);
CREATE TABLE users (id bigserial PRIMARY KEY, email character varying DEFAULT '' NOT NULL, nickname character varying(40), admin boolean DEFAULT FALSE NOT NULL, confirmed boolean, sign_in_count integer DEFAULT 0, settings jsonb DEFAULT '{}' NOT NULL, balance decimal(10,2) DEFAULT 0.0, rating float, born_on date, wakes_at time(6), avatar bytea, api_token character varying, last_seen_at timestamp without time zone, created_at timestamp(6) NOT NULL, updated_at timestamp(6) NOT NULL);
CREATE UNIQUE INDEX index_users_on_email ON users (email);
CREATE INDEX index_users_on_lower_nickname ON users (lower(nickname));
CREATE TABLE posts (id uuid DEFAULT gen_random_uuid() NOT NULL PRIMARY KEY, user_id bigint NOT NULL, title character varying, body text, status integer DEFAULT 0 NOT NULL, record_type character varying, record_id bigint, deleted_at timestamp(6), created_at timestamp(6) NOT NULL, CONSTRAINT title_there CHECK (length(title) > 0));
ALTER TABLE posts ADD CONSTRAINT "fk_rails_5b5ddfd518" FOREIGN KEY (user_id) REFERENCES users (id) ON DELETE CASCADE;
CREATE INDEX index_posts_on_user_id ON posts USING btree (user_id);
CREATE UNIQUE INDEX index_posts_on_record ON posts USING btree (record_type, record_id) WHERE deleted_at IS NULL;
CREATE TABLE posts_tags (post_id uuid NOT NULL, tag character varying NOT NULL);
CREATE UNIQUE INDEX index_posts_tags_on_post_id_and_tag ON posts_tags (post_id, tag);
INSERT INTO schema_migrations VALUES ('20240202130000'), ('20230101120000');
INSERT INTO ar_internal_metadata VALUES
    ('environment', 'production', '2024-06-01 12:00:00', '2024-06-01 12:00:00'),
    ('schema_sha1', '6f0a', '2024-06-01 12:00:00', '2024-06-01 12:00:00');
