CREATE TABLE j10_nets (id INTEGER PRIMARY KEY, host TEXT, net TEXT);
INSERT INTO j10_nets VALUES
    (1, '10.0.0.1/8', '10.0.0.0/8'),
    (2, '10.0.0.256', '10.0.0.1/8');
