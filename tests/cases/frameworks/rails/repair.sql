UPDATE users SET wakes_at = substr(wakes_at, 12);
