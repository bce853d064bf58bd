CREATE TABLE f15_rows (id INTEGER PRIMARY KEY, name TEXT);
INSERT INTO f15_rows VALUES (1, 'a'), (2, 'b');
-- What a hand that wants harm would leave: nothing of it may run while rows are read.
CREATE VIEW f15_view AS SELECT load_extension('/tmp/f15.so') AS x, writefile('/tmp/f15', 'x') AS y;
CREATE TRIGGER f15_trigger AFTER UPDATE ON f15_rows BEGIN SELECT own_function(1); END;
CREATE INDEX f15_index ON f15_rows (own_function(name));
