CREATE TABLE s7_prices (id INTEGER PRIMARY KEY, price DECIMAL(10,2), exact DECIMAL);
INSERT INTO s7_prices VALUES
    (1, '1.10', '1.10'),
    (2, 99999999.99, 0.1),
    (3, 1.005e1, 1e-7);
