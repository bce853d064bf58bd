CREATE TABLE Accounts (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    email TEXT NOT NULL UNIQUE,
    Name VARCHAR(40) NOT NULL,
    parent INTEGER REFERENCES Accounts (id),
    team_org INTEGER,
    team_code TEXT,
    active BOOLEAN NOT NULL,
    FOREIGN KEY (team_org, team_code) REFERENCES teams (org, code)
);
CREATE TABLE teams (
    org INTEGER NOT NULL,
    code TEXT NOT NULL,
    lead INTEGER REFERENCES Accounts (id),
    kind TEXT NOT NULL,
    PRIMARY KEY (org, code)
) WITHOUT ROWID;
CREATE TABLE bookings (
    id INTEGER PRIMARY KEY,
    from_at DATETIME NOT NULL,
    until_at DATETIME NOT NULL,
    cents INTEGER NOT NULL,
    total INTEGER NOT NULL GENERATED ALWAYS AS (cents * 2) VIRTUAL,
    half INTEGER GENERATED ALWAYS AS (cents / 2) STORED
);
CREATE TABLE visits (id INTEGER PRIMARY KEY, account INTEGER NOT NULL, note TEXT);

-- The first refers to the last, and teams and accounts to each other.
INSERT INTO Accounts VALUES (1, 'a@example.com', 'Ann', 3, 1, 'x', 1);
INSERT INTO Accounts VALUES (2, 'b@example.com', 'Bob', NULL, NULL, NULL, 0);
INSERT INTO Accounts VALUES (3, 'c@example.com', 'Cid', 3, 2, 'y', 1);
INSERT INTO Accounts VALUES (50, 'gone@example.com', 'Gone', NULL, NULL, NULL, 0);
DELETE FROM Accounts WHERE id = 50;
INSERT INTO teams VALUES (1, 'x', 3, 'inner'), (2, 'y', 1, 'outer');
INSERT INTO bookings (id, from_at, until_at, cents) VALUES
    (4, '2024-01-01 10:00:00', '2024-01-01 11:00:00', 250),
    (9, '2024-01-02 10:00:00', '2024-01-02 11:00:00', 301);
INSERT INTO visits VALUES (1, 1, 'first'), (2, 2, NULL), (31, 3, 'last');
