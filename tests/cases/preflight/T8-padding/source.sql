INSERT INTO words (word, fixed) VALUES ('c', 'a  ');
