SET ROLE {role}; CREATE SEQUENCE events; CREATE TABLE q14_rows (id int8 PRIMARY KEY, name text)
