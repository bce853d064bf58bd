CREATE TABLE s21_places (code TEXT PRIMARY KEY, mac TEXT, spot TEXT, span TEXT, marks TEXT);
INSERT INTO s21_places VALUES
    ('02:00:00:00:00:01', '02-00-00-00-00-01', '1,2', '[1,5]', '{02-00-00-00-00-02,NULL}'),
    ('020000000002', NULL, '( 3 , 4 )', 'empty', '{}'),
    ('0200.0000.0003', NULL, NULL, NULL, NULL);
