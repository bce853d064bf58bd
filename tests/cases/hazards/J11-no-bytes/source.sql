CREATE TABLE j11_files (id INTEGER PRIMARY KEY, digest TEXT, body TEXT, mark BLOB);
INSERT INTO j11_files VALUES
    (1, '\x00FF', 'AP8=', x'00ff'),
    (2, '00f', 'AP8', '00ff'),
    (3, '0x00', 'AP9=', x''),
    (4, x'00', '+_+_', 7);
