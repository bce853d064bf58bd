DROP MATERIALIZED VIEW counted;
DROP VIEW visitors;
ALTER TABLE visits ALTER note TYPE varchar(10);
ALTER TABLE visits ALTER account TYPE int;
