CREATE TABLE j11_files (id INTEGER PRIMARY KEY, digest TEXT, body TEXT);
INSERT INTO j11_files VALUES
    (1, '\x00FF', 'AP8='),
    (2, '00f', 'AP8'),
    (3, '0x00', 'AP9='),
    (4, x'00', '+_+_');
