UPDATE customer SET born = date(born / 1000, 'unixepoch');
