//! Lengths of time that text writes: microseconds, days and months.

use super::{Blob, Integer, Real, check, check_ids, codec, text};

/// The field of an interval.
fn field(micros: i64, days: i32, months: i32) -> String {
    format!("{micros:016x}{days:08x}{months:08x}")
}

#[test]
fn dates_that_count_from_1970() {
    const HOUR: i64 = 3_600_000_000;
    check(
        codec::interval_epoch_date,
        &[
            (text("1970-01-01 00:00:00.000000"), &field(0, 0, 0)),
            (text("1970-01-02 03:04:05.000006"), &field(3 * HOUR + 245_000_006, 1, 0)),
            (text(" 1970-01-01T00:05:00 "), &field(300_000_000, 0, 0)),
            (text("1969-12-31 23:59:30.5"), &field(24 * HOUR - 29_500_000, -1, 0)),
            (text("1970-01-01 00:00:00.0000019"), &format!("{} [D11]", field(1, 0, 0))),
            (text("9999-12-31 00:00:00"), &field(0, 2_932_896, 0)),
            (text("0001-01-01 00:00:00"), &field(0, -719_162, 0)),
            (
                text("1970-01-01"),
                "D19: found text like 9999-99-99, expected a date and time of day that count from \
                 1970-01-01",
            ),
        ],
    );
    let refused = [
        "1970-01-01 00:00",
        "1970-01-01 24:00:00",
        "1970-01-01 00:00:60",
        "1970-01-01 00:00:00Z",
        "1970-01-01 00:00:00+00:00",
        "1970-01-01 00:00:00 m=+0.1",
        "1970-01-01  00:00:00",
        "1970-01-01t00:00:00",
        "1970-01-01 00:00:00.",
        "1970-01-01 00:00:00,5",
        "0000-01-01 00:00:00",
        "10000-01-01 00:00:00",
        "1970-02-30 00:00:00",
        "00:05:00",
        "now",
        "",
    ];
    check_ids(codec::interval_epoch_date, &refused.map(|wrong| (text(wrong), "D19")));
    check_ids(codec::interval_epoch_date, &[(Integer(0), "D19"), (Blob(b"00:00:00"), "D19")]);
}

#[test]
fn time_spans_of_dotnet() {
    check(
        codec::interval_timespan,
        &[
            (text("00:05:00"), &field(300_000_000, 0, 0)),
            (text("1.00:00:00"), &field(0, 1, 0)),
            (text("12:34:56.7890000"), &field(45_296_789_000, 0, 0)),
            (text("-00:00:01"), &field(-1_000_000, 0, 0)),
            (text("-1.00:00:00.5"), &field(-500_000, -1, 0)),
            (text("00:00:00.0000019"), &format!("{} [D11]", field(1, 0, 0))),
            (text("-00:00:00.0000011"), &format!("{} [D11]", field(-2, 0, 0))),
            (
                text("-10675199.02:48:05.4775808"),
                &format!("{} [D11]", field(-10_085_477_581, -10_675_199, 0)),
            ),
            (
                text("99999999.23:59:59.9999999"),
                &format!("{} [D11]", field(86_399_999_999, 99_999_999, 0)),
            ),
            (text(" -00:00:00\n"), &field(0, 0, 0)),
            (
                text("1 day"),
                "D19: found text like 9 aaa, expected a length of time like 1.02:03:04.5",
            ),
        ],
    );
    let refused = [
        "24:00:00",
        "00:60:00",
        "00:00:60",
        "0:05:00",
        "00:05",
        "1.0:00:00",
        ".00:00:00",
        "+00:00:01",
        "--00:00:01",
        "1:00:00:00",
        "100000000.00:00:00",
        "00:00:00.",
        "00:00:00.00000001",
        "1.5.00:00:00",
        "00:00:00,5",
        "- 00:00:01",
        "5",
        "P1D",
        "",
    ];
    check_ids(codec::interval_timespan, &refused.map(|wrong| (text(wrong), "D19")));
    check_ids(codec::interval_timespan, &[(Integer(5), "D19"), (Real(0.5), "D19")]);
}

#[test]
fn durations_of_iso_8601() {
    check(
        codec::interval_iso_duration,
        &[
            (text("P1DT2H3M4.5S"), &field(7_384_500_000, 1, 0)),
            (text("P1Y2M3W4D"), &field(0, 25, 14)),
            (text("PT36H"), &field(36 * 3_600_000_000, 0, 0)),
            (text("-P1DT0.5S"), &field(-500_000, -1, 0)),
            (text("+P0D"), &field(0, 0, 0)),
            (text("PT-6H+3M"), &field(-6 * 3_600_000_000 + 180_000_000, 0, 0)),
            (text("-P-1M"), &field(0, 0, 1)),
            (text(" P0DT00H00M01.500000S "), &field(1_500_000, 0, 0)),
            (text("PT0.0000019S"), &format!("{} [D11]", field(1, 0, 0))),
            (text("PT-0.0000011S"), &format!("{} [D11]", field(-2, 0, 0))),
            (text("-PT-0.0000019S"), &format!("{} [D11]", field(1, 0, 0))),
            (text("P178956970Y7M"), &field(0, 0, i32::MAX)),
            (text("-P2147483648D"), &field(0, i32::MIN, 0)),
            (text("PT2562047788H54.775807S"), &field(i64::MAX, 0, 0)),
            (
                text("P1.5D"),
                "D19: found text like A9.9A, expected a length of time like P1DT2H3M4.5S",
            ),
        ],
    );
    let refused = [
        "P",
        "PT",
        "P1DT",
        "-P",
        "1D",
        "P1",
        "P1S",
        "PT1D",
        "PT1.5H",
        "P1D2Y",
        "P1D1D",
        "PT1S1M",
        "P1TT1S",
        "p1d",
        "P1d",
        "P 1D",
        "P--1D",
        "--P1D",
        "PT1,5S",
        "PT.5S",
        "PT1.S",
        "P2147483648D",
        "P178956970Y8M",
        "PT2562047788H54.775808S",
        "P1000000000000000000D",
        "P0001-02-03T04:05:06",
        "P2147483647M2147483647DT2562047788H54.775807S",
        "",
    ];
    check_ids(codec::interval_iso_duration, &refused.map(|wrong| (text(wrong), "D19")));
    check_ids(codec::interval_iso_duration, &[(Integer(5), "D19"), (Blob(b"P1D"), "D19")]);
}

#[test]
fn timedeltas_of_python() {
    check(
        codec::interval_timedelta,
        &[
            (text("1 day, 2:03:04"), &field(7_384_000_000, 1, 0)),
            (text("-1 day, 23:59:59"), &field(86_399_000_000, -1, 0)),
            (text("0:00:00.5"), &field(500_000, 0, 0)),
            (text("0:00:00"), &field(0, 0, 0)),
            (text(" 12:34:56.789000\n"), &field(45_296_789_000, 0, 0)),
            (text("999999999 days, 23:59:59.999999"), &field(86_399_999_999, 999_999_999, 0)),
            (text("-999999999 days, 0:00:00"), &field(0, -999_999_999, 0)),
            (text("0 days, 08:00:00"), &field(28_800_000_000, 0, 0)),
            (text("01 day, 0:00:01"), &field(1_000_000, 1, 0)),
            (
                text("1 day"),
                "D19: found text like 9 aaa, expected a length of time like 1 day, 2:03:04.5",
            ),
        ],
    );
    let refused = [
        "-0:00:01",
        "24:00:00",
        "0:60:00",
        "0:00:60",
        "100:00:00",
        "0:5:00",
        "0:05",
        "1 days, 0:00:00",
        "2 day, 0:00:00",
        "1 day 0:00:00",
        "1 day,  0:00:00",
        "1 day, -1:00:00",
        "+1 day, 0:00:00",
        "1000000000 days, 0:00:00",
        "0:00:00.",
        "0:00:00.0000001",
        ":00:00",
        "1.00:00:00",
        "5",
        "",
    ];
    check_ids(codec::interval_timedelta, &refused.map(|wrong| (text(wrong), "D19")));
    check_ids(codec::interval_timedelta, &[(Integer(5), "D19"), (Blob(b"0:00:00"), "D19")]);
}
