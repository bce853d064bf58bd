//! Dates, times, and lengths of time.

use super::{check, check_ids, text};
use connect_migrate::codec;
use rusqlite::types::ValueRef::{Blob, Integer, Real};

const ZERO: &str = "0000000000000000";

#[test]
fn written_times() {
    check(
        codec::timestamptz,
        &[
            (text("2000-01-01T00:00:00Z"), ZERO),
            (text("2000-01-01 05:30:00+05:30"), ZERO),
            (text("2000-01-01 00:00:00.0000019 +0000 UTC m=+0.1"), "0000000000000001 [D11]"),
            (text("1999-12-31 23:59:59.9999999Z"), "ffffffffffffffff [D11]"),
            (text("1999-12-31 24:00:00Z"), &format!("{ZERO} [D12]")),
            (text("1999-12-31 23:59:60Z"), &format!("{ZERO} [D12]")),
            (text("0001-01-01 00:00:00+00:00"), "ff1fe2ffc59c6000 [D8]"),
            (
                text("2024-01-02 03:04:05"),
                "D5: found text like 9999-99-99 99:99:99, expected a date and time with its offset",
            ),
        ],
    );
    let ids = "D16 2024-01-02|D3 2024-01-02 03:04:05 IST|D3 2024-01-02 03:04:05 utc|D14 now|\
        D14 -infinity|D14 Today|D15 01/02/2024|D15 2024/01/02|D16 2024|D16 2024-01|D16 10:00|T9 |\
        T9  \t|D9 0000-00-00|D9 -2024-01-01 00:00Z|D9 0000-01-01|D13 2024-02-30 00:00Z|\
        D13 2023-02-29 00:00Z|D13 2024-13-01 00:00Z|D13 2024-01-00 00:00Z|D13 1900-02-29 00:00Z|\
        D10 294277-01-01 00:00Z|D10 294276-12-31 23:59:59-15:00|D16 1234567-01-01 00:00Z|\
        D13 2024-01-02 24:00:01Z|D13 2024-01-02 24:00:00.0000001Z|D13 2024-01-02 25:00Z|\
        D13 2024-01-02 00:60Z|D13 2024-01-02 00:00:61Z|D16 2024-01-02 00:00:00.Z|\
        D16 2024-01-02 00:00:00,5Z|D16 2024-01-02 00:00.5Z|D16 2024-01-02 00:00:00+16|\
        D16 2024-01-02 00:00:00.1234567890123456789Z|D16 2024-01-02 00:00:00+01 TOOLONG|\
        D16 2024-01-02 00:00:00Z UTC|D16 2024-01-02 00:00:00+0|D16 2024-01-02TT00:00Z|\
        D16 2024-01-02T 00:00Z|D16 20240102|D16 2024-1-2 00:00Z|D16 2024-01-02 00:00:00Z m=1|\
        D16 é024-01-02 00:00Z|D16 2024-01-02Z|D5 2024-01-02 00:00:00 m=+0.1";
    for case in ids.split('|') {
        let (id, value) = case.split_once(' ').unwrap();
        check_ids(codec::timestamptz, &[(text(value), id)]);
    }
    check_ids(codec::timestamptz, &[(Integer(1), "D6"), (Real(1.0), "D6"), (Blob(b"x"), "S1")]);
    check(codec::timestamptz_utc, &[(text("2000-01-01"), ZERO), (text("2000-01-01 00:00"), ZERO)]);
    check(codec::timestamp, &[(text("2000-01-01T01:00:00+01"), ZERO)]);
}

#[test]
fn dates_and_clocks() {
    check(
        codec::date,
        &[
            (text("2000-01-02"), "00000001"),
            (text("2000-01-02 00:00:00+05:30"), "00000001 [D18]"),
            (text("10000-01-01"), "002c95d4 [D10]"),
            (
                text("2000-01-02 00:00:01"),
                "D18: found text like 9999-99-99 99:99:99, expected a date",
            ),
            (Integer(20_240_102), "D17: found integer 20240102, expected a date"),
        ],
    );
    check_ids(
        codec::date,
        &[(text("2000-01-02 00:00:00.0000001"), "D18"), (text("2000-01-02 24:00"), "D18")],
    );
    check(
        codec::time,
        &[
            (text("00:00:01"), "00000000000f4240"),
            (text("24:00:00"), "000000141dd76000"),
            (text("23:59:60"), "000000141dd76000 [D12]"),
            (text("00:00:00.0000019"), "0000000000000001 [D11]"),
        ],
    );
    check_ids(
        codec::time,
        &[
            (text("23:59:60.5"), "D13"),
            (text("24:00:01"), "D13"),
            (text("2024-01-02 00:00"), "D16"),
            (text("00:00Z"), "D16"),
            (text("allballs"), "D14"),
            (Integer(0), "D16"),
        ],
    );
}

#[test]
fn counted_times() {
    check(
        codec::timestamptz_unix_s,
        &[
            (Integer(946_684_800), ZERO),
            (Real(946_684_800.5), "000000000007a120"),
            (text(" 946684800.0000019 "), "0000000000000001 [D11] [S2]"),
            (Integer(-62_135_596_800), "ff1fe2ffc59c6000 [D8]"),
            (
                text("2024-01-02"),
                "D6: found text like 9999-99-99, expected a number of seconds from 1970-01-01",
            ),
        ],
    );
    check_ids(
        codec::timestamp_unix_s,
        &[
            (Integer(i64::MAX), "D10"),
            (Integer(1_700_000_000_000_000), "D10"),
            (Integer(-210_866_803_201), "D10"),
            (Integer(9_224_318_016_000), "D10"),
            (Real(f64::INFINITY), "D10"),
            (Real(1e300), "D10"),
            (text("1e9"), "D6"),
            (text(""), "D6"),
            (Blob(b"1"), "S1"),
        ],
    );
    check(codec::timestamp_unix_ms, &[(Integer(946_684_800_001), "00000000000003e8")]);
    check(codec::timestamp_unix_us, &[(Integer(946_684_800_000_001), "0000000000000001")]);
    check(
        codec::timestamp_unix_ns,
        &[(Integer(946_684_799_999_999_999), "ffffffffffffffff [D11]")],
    );
    check_ids(codec::timestamp_unix_us, &[(Integer(i64::MIN), "D10")]);
    check(codec::timestamp_julian, &[(Real(2_451_544.5), ZERO)]);
    check_ids(
        codec::timestamp_julian,
        &[
            (Real(-0.1), "D7"),
            (Real(5_373_484.5), "D7"),
            (Integer(5_373_485), "D7"),
            (Real(f64::NAN), "D7"),
            (text("2451544.5"), "D7"),
        ],
    );
    check(codec::date_unix_s, &[(Integer(946_684_800 - 86_400), "ffffffff")]);
    check_ids(
        codec::date_unix_s,
        &[(Integer(1), "D18"), (Real(86_400.0), "D6"), (Integer(i64::MAX), "D10")],
    );
    check(codec::date_julian, &[(Real(2_451_545.5), "00000001")]);
    check_ids(codec::date_julian, &[(Integer(2_451_545), "D18"), (text("1"), "D7")]);
    let rest = ZERO;
    check(codec::interval_ns, &[(Integer(-1), &format!("ffffffffffffffff{rest} [D11]"))]);
    check(codec::interval_us, &[(Integer(1), &format!("0000000000000001{rest}"))]);
    check(codec::interval_ms, &[(Integer(1), &format!("00000000000003e8{rest}"))]);
    check(codec::interval_s, &[(Integer(1), &format!("00000000000f4240{rest}"))]);
    check_ids(
        codec::interval_s,
        &[(Integer(i64::MAX), "D19"), (Real(1.0), "D19"), (text("1"), "D19")],
    );
}

#[test]
fn times_of_day_on_the_first_day_of_2000() {
    check(
        codec::time_rails,
        &[
            (text("2000-01-01 00:00:01"), "00000000000f4240"),
            (text("2000-01-01 00:00:00.000001"), "0000000000000001"),
            (text(" 2000-01-01T00:00:00.0000019 "), "0000000000000001 [D11]"),
            (
                text("2000-01-02 08:30:00"),
                "D16: found text like 9999-99-99 99:99:99, expected a time of day on 2000-01-01",
            ),
        ],
    );
    let refused = [
        "2000-01-01",
        "2000-01-01 08:30",
        "2000-01-01 24:00:00",
        "2000-01-01 23:59:60",
        "2000-01-01 08:30:00Z",
        "2000-01-01 08:30:00 UTC",
        "2000-01-01  08:30:00",
        "2000-01-01 08:30:00.",
        "1999-12-31 08:30:00",
        "08:30:00",
        "02000-01-01 08:30:00",
        "now",
    ];
    check_ids(codec::time_rails, &refused.map(|wrong| (text(wrong), "D16")));
    check_ids(
        codec::time_rails,
        &[(text(""), "T9"), (text(" "), "T9"), (Integer(1), "D16"), (Blob(b"08:30:00"), "S1")],
    );
}

#[test]
fn times_by_other_counts_and_as_digits() {
    check(codec::timestamp_apple_s, &[(Integer(-31_622_400), ZERO), (Real(-31_622_400.0), ZERO)]);
    check(
        codec::timestamp_apple_ns,
        &[(Integer(-31_622_400_000_000_001), "ffffffffffffffff [D11]")],
    );
    check(codec::timestamptz_webkit_us, &[(Integer(12_591_158_400_000_001), "0000000000000001")]);
    check(
        codec::timestamptz_filetime,
        &[(Integer(125_911_584_000_000_019), "0000000000000001 [D11]")],
    );
    check(
        codec::timestamp_dotnet_ticks,
        &[
            (Integer(630_822_816_000_000_010), "0000000000000001"),
            (Integer(0), "ff1fe2ffc59c6000 [D8]"),
        ],
    );
    check(
        codec::timestamp_ole_day,
        &[(Integer(36_526), ZERO), (Real(36_526.5), "0000000a0eebb000"), (Integer(-1), BEFORE)],
    );
    check_ids(
        codec::timestamp_ole_day,
        &[(Real(-1.25), "D7"), (Integer(2_958_466), "D7"), (text("36526"), "D7")],
    );
    check(codec::timestamp_yyyymmdd, &[(Integer(20_000_101), ZERO), (text(" 20000101 "), ZERO)]);
    check(codec::timestamptz_yyyymmddhhmm, &[(Real(200_001_010_001.0), "0000000003938700")]);
    check(codec::timestamp_yyyymmddhhmmss, &[(text("20000101000001"), "00000000000f4240")]);
    check_ids(
        codec::timestamp_yyyymmddhhmmss,
        &[
            (text("20000230000000"), "D13"),
            (text("20000101240000"), "D13"),
            (text("20000101000060"), "D13"),
            (text("00000101000000"), "D9"),
            (text("2000010100000"), "D16"),
            (text("2000-01-01 000"), "D16"),
            (Integer(-2_000_010_100_000), "D16"),
            (Real(0.5), "D16"),
            (text(""), "T9"),
            (Blob(b"20000101000000"), "S1"),
        ],
    );
    check(codec::date_unix_ms, &[(Integer(946_684_800_000), "00000000")]);
    check_ids(codec::date_unix_ns, &[(Integer(946_684_800_000_000_001), "D18")]);
    check(codec::date_filetime, &[(Integer(125_911_584_000_000_000), "00000000")]);
    check_ids(codec::date_filetime, &[(Integer(125_911_584_000_000_001), "D18")]);
    check(codec::date_ole_day, &[(Real(36_527.0), "00000001")]);
    check_ids(codec::date_ole_day, &[(Real(36_527.5), "D18"), (text("1"), "D7")]);
    check(codec::date_yyyymmdd, &[(Integer(20_000_102), "00000001")]);
    check(codec::date_yyyymmddhhmm, &[(Integer(200_001_020_000), "00000001")]);
    check_ids(codec::date_yyyymmddhhmmss, &[(Integer(20_000_102_000_001), "D18")]);
}

/// 1899-12-29.
const BEFORE: &str = "fff4c9b222856000";
