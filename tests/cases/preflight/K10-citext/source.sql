INSERT INTO words (word, any) VALUES ('c', 'ANN'), ('d', 'Élan'), ('e', 'éLAN');
