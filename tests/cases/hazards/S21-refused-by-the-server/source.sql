CREATE TABLE s21_hosts (id INTEGER PRIMARY KEY, mac TEXT, flags TEXT, doc TEXT);
INSERT INTO s21_hosts VALUES
    (1, '02:00:00:00:00:01', '101', '<a/>'),
    (2, 'secret', '1', '<a>'),
    (3, '02:00', '10111', '<a></b>'),
    (4, NULL, NULL, NULL);
