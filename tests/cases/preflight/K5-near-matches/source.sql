INSERT INTO members (id, word) VALUES (10, 'AB-12'), (11, 'Word'), (12, 'nothing like it');
