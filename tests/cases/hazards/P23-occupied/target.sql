CREATE TABLE p23_rows (id int8)
INSERT INTO p23_rows SELECT generate_series(1, 1234)
ALTER TABLE p23_rows OWNER TO {role}
