INSERT INTO members (id, tenant, code) VALUES (10, 2, 'b'), (11, 3, 'secret'), (12, NULL, 'q'), (13, 4, NULL);
