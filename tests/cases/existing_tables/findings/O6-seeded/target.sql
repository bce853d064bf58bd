INSERT INTO teams (org, kind, code) VALUES (1, 'outer', 'seed');
