SET ROLE {role}; CREATE SEQUENCE q13_tied_id_seq; CREATE SEQUENCE numbers; CREATE TABLE q13_tied (id int8 PRIMARY KEY, name text DEFAULT 'N-' || nextval('numbers'))
