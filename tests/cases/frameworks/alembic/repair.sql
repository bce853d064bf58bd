UPDATE jobs SET duration = CAST(strftime('%s', duration) AS INTEGER) * 1000000000
    + CAST(substr(duration, 21) AS INTEGER) * 1000;
