SET ROLE {role}; CREATE SEQUENCE q13_rows_id_seq; CREATE TABLE q13_rows (id int8 PRIMARY KEY, name text)
