SET ROLE {role}; CREATE SEQUENCE ids; CREATE TABLE q1_text (id int8 PRIMARY KEY DEFAULT 10 * nextval('ids'::text), name text)
