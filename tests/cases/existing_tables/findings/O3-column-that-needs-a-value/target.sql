ALTER TABLE teams ADD must int NOT NULL;
