SET ROLE {role}; CREATE TABLE q15_rows (id int8 PRIMARY KEY, name text)
