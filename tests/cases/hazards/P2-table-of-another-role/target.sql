CREATE TABLE p2_rows (id int8)
