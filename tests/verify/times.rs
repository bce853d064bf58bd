//! Times as text and as numbers.

use super::canonical::{check, differ, form, refused, same};

#[test]
fn moments_as_text() {
    check(
        "timestamptz",
        &[
            ("t 2024-02-29T23:59:59.999999Z", "2024-02-29T23:59:59.999999Z"),
            ("t 2024-02-29 23:59:59.9999999+00:00", "2024-02-29T23:59:59.999999Z"),
            ("t 1969-12-31 23:59:59.9999999Z", "1969-12-31T23:59:59.999999Z"),
            ("t 2024-01-02 03:04 +0530", "2024-01-01T21:34:00Z"),
            ("t 2024-01-02t03:04:05-05", "2024-01-02T08:04:05Z"),
            ("t 2024-01-02 03:04:05+01:02:03", "2024-01-02T02:02:02Z"),
            ("t 2024-01-02 03:04:05-010203", "2024-01-02T04:06:08Z"),
            ("t 2024-01-02   03:04:05  UTC", "2024-01-02T03:04:05Z"),
            ("t 2024-01-02 03:04:05GMT", "2024-01-02T03:04:05Z"),
            ("t \t2024-01-02 03:04:05z\n", "2024-01-02T03:04:05Z"),
            (
                "t 2024-01-02 03:04:05.678901234 +0000 UTC m=+0.000012345",
                "2024-01-02T03:04:05.678901Z",
            ),
            ("t 2024-01-02 03:04:05 +0330 +0330", "2024-01-01T23:34:05Z"),
            ("t 2024-01-02 03:04:05 +0330 +0330 m=-1.5", "2024-01-01T23:34:05Z"),
            ("t 2024-01-02 03:04:05 -0500 EST", "2024-01-02T08:04:05Z"),
            ("t 2016-12-31 23:59:60Z", "2017-01-01T00:00:00Z"),
            ("t 2024-12-31 24:00:00Z", "2025-01-01T00:00:00Z"),
            ("t 0001-01-01 00:00:00+00:00", "0001-01-01T00:00:00Z"),
            ("t 9999-12-30 23:59:59+02:00", "9999-12-30T21:59:59Z"),
            (
                "t 294276-12-31 23:59:59.999999Z",
                "9223371331199999999 microseconds after 2000-01-01",
            ),
            ("t 10000-03-01 00:00:00Z", "252460800000000000 microseconds after 2000-01-01"),
        ],
    );
    same("timestamptz", &["t 2024-01-02 03:04:05-00:00", "t 2024-01-02 18:04:05+15"]);
}

#[test]
fn text_that_is_no_moment() {
    refused(
        "timestamptz",
        &[
            "t 2024-01-02 03:04:05",
            "t 2024-01-02",
            "t 2024-01-02 03:04:05 IST",
            "t 2024-01-02 03:04:05 +0000 A",
            "t 2024-01-02 03:04:05 +0000 ABCDEFG",
            "t 2024-01-02 03:04:05 +0000  UTC",
            "t 2024-01-02 03:04:05+16:00",
            "t 2024-01-02 03:04:05+0",
            "t 2024-01-02 03:04:05+05:30x",
            "t 2024-01-02 03:04:05,5Z",
            "t 2024-01-02 03:04:05.Z",
            "t 2024-01-02 03:04:05.1234567890123456789Z",
            "t 2024-02-30 00:00:00Z",
            "t 2023-02-29 00:00:00Z",
            "t 2024-01-02 24:00:01Z",
            "t 2024-01-02 24:00:00.0000001Z",
            "t 2024-01-02 23:60:00Z",
            "t 2024-01-02 23:59:61Z",
            "t 0000-01-01 00:00:00Z",
            "t -001-01-01 00:00:00Z",
            "t 294277-01-01 00:00:00Z",
            "t 294276-12-31 24:00:00Z",
            "t 0294276-01-01 00:00:00Z",
            "t 2024-1-2 03:04:05Z",
            "t 2024-01-02T 03:04:05Z",
            "t 2024-01-02Z",
            "t 20240102T030405Z",
            "t 01/02/2024",
            "t now",
            "t ",
            "t 2024-01-02T03:04:05Z[UTC]",
            "t 2024-01-02 03:04:05Z m=0.1",
            "i 1704164645",
            "r 1.5",
            "b 00",
        ],
    );
}

#[test]
fn naive_moments() {
    same("timestamptz text_utc", &["t 2024-01-02 03:04:05", "t 2024-01-02T03:04:05Z"]);
    same(
        "timestamptz text_utc",
        &["t 2024-01-02", "t 2024-01-02T00:00:00.0000009", "t 2024-01-01T24:00"],
    );
    same("timestamp", &["t 2024-01-02 03:04:05", "t 2024-01-02 08:34:05+05:30"]);
    same("timestamp", &["t 2024-01-02", "t 2024-01-02 00:00"]);
    refused("timestamp", &["i 1", "r 1.0", "t 2024-01", "t 2024", "t 03:04:05"]);
    refused("timestamptz text_utc", &["i 1", "r 1.0", "t 2024-01-02 03:04:05 IST"]);
}

#[test]
fn moments_as_numbers() {
    let moment = [("i 1704164645", "2024-01-02T03:04:05Z"), ("i -1", "1969-12-31T23:59:59Z")];
    check("timestamptz unix_s", &moment);
    check("timestamptz unix_s", &[("r -0.0000001", "1969-12-31T23:59:59.999999Z")]);
    check("timestamptz unix_s", &[("r 1704164645.1", "2024-01-02T03:04:05.1Z")]);
    check("timestamptz unix_s", &[("t 1704164645.123456789", "2024-01-02T03:04:05.123456Z")]);
    check("timestamp unix_ms", &[("i 1704164645001", "2024-01-02T03:04:05.001Z")]);
    check("timestamp unix_us", &[("i -1", "1969-12-31T23:59:59.999999Z")]);
    check(
        "timestamp unix_ns",
        &[("i -1", "1969-12-31T23:59:59.999999Z"), ("i 1999", "1970-01-01T00:00:00.000001Z")],
    );
    same("timestamptz unix_s", &["i 0", "t 0", "r 0.0", "r -0.0", "t -0.00", "t 0.0000004"]);
    refused("timestamptz unix_s", &["t 1e9", "r inf", "r 1e300", "t now", "t ", "b 30"]);
    refused("timestamptz unix_s", &["i 9224318016000", "i 9223372036854775807", "i -210866803201"]);
    same("timestamptz unix_s", &["i -210866803200", "r -210866803200"]);
    same("timestamp julian", &["r 2440587.5", "r 2440587.500000001"]);
    check(
        "timestamp julian",
        &[("r 2460311.627835648", "2024-01-02T03:04:05Z"), ("i 2440588", "1970-01-01T12:00:00Z")],
    );
    refused("timestamp julian", &["r -0.1", "r 5373485.0", "t 2440587.5", "r inf", "b 00"]);
}

#[test]
fn dates() {
    check("date", &[("t 2024-02-29", "2024-02-29"), ("t 0001-01-01", "0001-01-01")]);
    check(
        "date",
        &[("t 294276-12-31", "106751982 days after 2000-01-01"), ("t 9999-12-31", "9999-12-31")],
    );
    same("date", &["t 2024-01-02", "t 2024-01-02 00:00:00+05:30", "t 2024-01-02T00:00:00.000Z"]);
    refused("date", &["t 2024-01-02 00:00:01", "t 2024-01-01 24:00:00", "i 20240102", "r 1.0"]);
    refused("date", &["t 2023-02-29", "t 2024-13-01", "t 2024-00-01", "t 2024-01-00"]);
    refused("date", &["t today", "t ", "t 2024-01", "t 01/02/2024", "t 0000-01-01"]);
    check("date unix_s", &[("i 86400", "1970-01-02"), ("i -86400", "1969-12-31")]);
    refused("date unix_s", &["i 1", "r 86400.0", "t 86400"]);
    check("date julian", &[("r 2440587.5", "1970-01-01"), ("r 2440586.5", "1969-12-31")]);
    refused("date julian", &["r 2440588.0", "i 2440588"]);
}

#[test]
fn clocks_and_lengths() {
    differ("time", &["t 00:00", "t 24:00:00", "t 23:59:59.999999", "t 00:00:00.000001"]);
    same("time", &["t 12:34", "t 12:34:00", "t 12:34:00.0000009", "t  12:33:60 "]);
    refused(
        "time",
        &["t 24:00:01", "t 12:34Z", "t 2024-01-01 12:34", "t 12", "i 1", "r 0.5", "t "],
    );
    refused("time", &["t 23:59:60.1", "t 12:3", "t 12:34:5", "t 12:34:56."]);
    let micros = |of: &str, word: &str| {
        let form = form(of, word).unwrap();
        assert_eq!((form.len(), &form[9..]), (17, [0; 8].as_slice()));
        i64::from_le_bytes(form[1..9].try_into().unwrap())
    };
    let rails = form("time rails_time", "t 2000-01-01 00:00:01.0000009");
    assert_eq!(rails, form("time", "t 00:00:01"));
    for wrong in
        ["", "2000-01-01", "2000-01-02 08:30:00", "2000-01-01 08:30", "2000-01-01 24:00:00"]
    {
        refused("time rails_time", &[&format!("t {wrong}")]);
    }
    refused("time rails_time", &["t 08:30:00", "t 2000-01-01 08:30:00Z", "t 2000-01-01 08:30:60"]);
    assert_eq!(micros("interval ns", "i 1999"), 1);
    assert_eq!(micros("interval ns", "i -1"), -1);
    assert_eq!(micros("interval us", "i -7"), -7);
    assert_eq!(micros("interval ms", "i 7"), 7000);
    assert_eq!(micros("interval s", "i 7"), 7_000_000);
    refused("interval s", &["i 9223372036854775807", "r 1.0", "t 1"]);
    same("interval iso_duration", &["t P1Y2M3W4DT5H6M7.8S", "t P14M25DT18367.8S"]);
    same("interval iso_duration", &["t -P1DT2H", "t P-1DT-2H", "t -P1DT+120M", "t P-1DT-7200.0S"]);
    same("interval iso_duration", &["t PT-0.0000001S", "t -PT0.000001S", "t -PT0.0000009S"]);
    differ("interval iso_duration", &["t P1M", "t P30D", "t PT720H", "t P0D", "t -P1M"]);
    for wrong in ["P", "P1DT", "PT1.5H", "P1D1Y", "P1.5D", "PT1.S", "P2147483648D", "P--1D", "p1d"]
    {
        refused("interval iso_duration", &[&format!("t {wrong}")]);
    }
    refused("interval iso_duration", &["t PT2562047788H54.775808S", "i 1", "b 503144"]);
    refused("interval iso_duration", &["t P2147483647M2147483647DT2562047788H54.775807S"]);
    let iso = |text: &str| form("interval iso_duration", &format!("t {text}"));
    assert_eq!(form("interval timespan", "t 1.02:03:04.5"), iso("P1DT2H3M4.5S"));
    assert_eq!(form("interval timespan", "t -1.02:03:04.5"), iso("-P1DT2H3M4.5S"));
    assert_eq!(form("interval timespan", "t -00:00:00.0000001"), iso("PT-0.000001S"));
    for wrong in ["24:00:00", "00:60:00", "0:05:00", "00:05", ".00:00:00", "+00:00:01", "", "1 day"]
    {
        refused("interval timespan", &[&format!("t {wrong}")]);
    }
    refused("interval timespan", &["t 100000000.00:00:00", "t 00:00:00.00000001", "t 00:00:00."]);
    assert_eq!(
        form("interval epoch_date", "t 1970-01-02 03:04:05.000006"),
        iso("P1DT3H4M5.000006S")
    );
    assert_eq!(form("interval epoch_date", "t 1969-12-31T23:59:30"), iso("P-1DT23H59M30S"));
    for wrong in ["", " 00:00", " 24:00:00", " 00:00:60", " 00:00:00Z", "  00:00:00", " 00:00:00."]
    {
        refused("interval epoch_date", &[&format!("t 1970-01-01{wrong}")]);
    }
    refused("interval epoch_date", &["t 10000-01-01 00:00:00", "t 1970-02-30 00:00:00", "i 0"]);
}
