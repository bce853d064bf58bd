SET ROLE {role}; CREATE SEQUENCE numbers; CREATE TABLE q13_words (id int8 PRIMARY KEY, name text DEFAULT 'N-' || nextval('numbers'))
