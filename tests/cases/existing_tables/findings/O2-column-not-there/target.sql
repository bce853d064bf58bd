ALTER TABLE teams RENAME code TO "Code";
