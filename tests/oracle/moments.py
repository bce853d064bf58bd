"""Dates, times and lengths of time; the calendar in whole numbers, for years that Python lacks."""

import math
import re

from common import SPACE, Refused
from decimals import of_real, number_text

SECOND = 1_000_000
DAY = 86_400 * SECOND
UNITS = {"s": 6, "ms": 3, "us": 0, "ns": -3}
# What a count counts, as a power of ten of microseconds, and the day that it counts from.
COUNTS = {
    "unix_s": (6, 1970),
    "unix_ms": (3, 1970),
    "unix_us": (0, 1970),
    "unix_ns": (-3, 1970),
    "apple_s": (6, 2001),
    "apple_ns": (-3, 2001),
    "webkit_us": (0, 1601),
    "filetime": (-1, 1601),
    "dotnet_ticks": (-1, 1),
}
COMPACT = {"yyyymmdd": 8, "yyyymmddhhmm": 12, "yyyymmddhhmmss": 14}

OFFSET = rb"[+-][0-9]{2}(?::[0-9]{2}(?::[0-9]{2})?|[0-9]{2}(?:[0-9]{2})?)?"
CLOCK = rb"([0-9]{2}):([0-9]{2})(?::([0-9]{2})(?:\.([0-9]{1,18}))?)?"
DATE = rb"([0-9]{4,6})-([0-9]{2})-([0-9]{2})"
ZONE = rb"(?: *(Z|z|UTC|GMT|(?:" + OFFSET + rb")(?: (?:[A-Za-z]{2,6}|" + OFFSET + rb"))?))?"
MOMENT = re.compile(
    DATE + rb"(?:(?:[Tt]| +)" + CLOCK + ZONE + rb")?(?: m=[+-][0-9]+\.[0-9]+)?"
)


def leap(year):
    return year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)


def length(year, month):
    return [31, 29 if leap(year) else 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31][month - 1]


def days_before(year):
    """Days from the first day of the year 0 to that of another; the year before 1 is 0."""
    return 365 * year + (year + 3) // 4 - (year + 99) // 100 + (year + 399) // 400


def day(year, month, of_month):
    """Days from 1970-01-01."""
    if not 1 <= month <= 12 or not 1 <= of_month <= length(year, month):
        raise Refused
    days = days_before(year) + sum(length(year, m) for m in range(1, month)) + of_month - 1
    return days - (days_before(1970))


def date_of(days):
    days += days_before(1970)
    year = days * 400 // 146_097
    while days_before(year + 1) <= days:
        year += 1
    while days_before(year) > days:
        year -= 1
    rest, month = days - days_before(year), 1
    while rest >= length(year, month):
        rest -= length(year, month)
        month += 1
    return year, month, rest + 1


# PostgreSQL's own range: Julian day 0 to the end of 294276, in microseconds from 1970-01-01.
FIRST = day(-4713, 11, 24) * DAY
END = day(294277, 1, 1) * DAY


def shown_date(days):
    year, month, of_month = date_of(days)
    era = "" if year > 0 else " BC"
    year = year if year > 0 else 1 - year
    return f"{year:04}-{month:02}-{of_month:02}", era


def shown_clock(micros):
    seconds, fraction = divmod(micros, SECOND)
    fraction = f".{fraction:06}".rstrip("0") if fraction else ""
    return f"{seconds // 3600:02}:{seconds // 60 % 60:02}:{seconds % 60:02}{fraction}"


def shown_moment(micros, zone):
    if not FIRST <= micros < END:
        raise Refused
    date, era = shown_date(micros // DAY)
    return f"{date} {shown_clock(micros % DAY)}{zone}{era}"


def clock(hour, minute, second, fraction):
    """Microseconds from midnight, whether they are midnight to the last digit, and what rolled."""
    hour, minute, second = int(hour), int(minute), int(second or 0)
    digits = (fraction or b"").decode()
    micros = int(digits[:6].ljust(6, "0"))
    total = (hour * 3600 + minute * 60 + second) * SECOND + micros
    if hour == 24 and minute == 0 and second == 0 and not digits.strip("0"):
        return total, False
    if hour > 23 or minute > 59 or second > 60:
        raise Refused
    return total, total == 0 and not digits.strip("0")


def offset(text):
    if text is None:
        return None
    if text in (b"Z", b"z", b"UTC", b"GMT"):
        return 0
    found = re.match(OFFSET, text).group().decode()
    sign = -1 if found[0] == "-" else 1
    digits = found[1:].replace(":", "")
    hours, minutes, seconds = int(digits[:2]), int(digits[2:4] or 0), int(digits[4:] or 0)
    if hours > 15 or minutes > 59 or seconds > 59:
        raise Refused
    again = text[len(found) :].strip()
    if again[:1] in (b"+", b"-"):
        offset(again)
    return sign * (hours * 3600 + minutes * 60 + seconds) * SECOND


def written(value):
    """Day, microseconds of the day or None, whether it is midnight, and offset or None."""
    match = MOMENT.fullmatch(value.strip(SPACE))
    if not match:
        raise Refused
    year, month, of_month, hour, minute, second, fraction, zone = match.groups()
    if not 1 <= int(year) <= 294_276:
        raise Refused
    days = day(int(year), int(month), int(of_month))
    if hour is None:
        return days, None, True, None
    return days, *clock(hour, minute, second, fraction), offset(zone)


def moment(stored, zone):
    def convert(kind, value, _printed):
        if kind != "text":
            raise Refused
        days, micros, _, shift = written(value)
        if stored == "text" and zone and (micros is None or shift is None):
            raise Refused
        return shown_moment(days * DAY + (micros or 0) - (shift or 0), zone)

    return convert


def date(kind, value, _printed):
    if kind != "text":
        raise Refused
    days, _, midnight, _ = written(value)
    if not midnight:
        raise Refused
    return "".join(shown_date(days))


def time(kind, value, _printed):
    match = kind == "text" and re.fullmatch(CLOCK, value.strip(SPACE))
    if not match:
        raise Refused
    micros, _ = clock(*match.groups())
    below = (match[4] or b"")[6:].strip(b"0")
    if micros > DAY or micros == DAY and below:
        raise Refused
    return shown_clock(micros)


def rails_time(kind, value, _printed):
    if kind != "text":
        raise Refused
    match = re.fullmatch(rb"2000-01-01[ T]" + FULL_CLOCK, value.strip(SPACE))
    if not match:
        raise Refused
    return shown_clock(clock(*match.groups())[0])


def floored(negative, before, after, exponent, unit):
    """Whole microseconds of a decimal number in a unit, cut toward the past."""
    shift = int(exponent or 0) - len(after) + unit
    digits = int(before + after)
    digits = -digits if negative else digits
    return digits * 10**shift if shift >= 0 else digits // 10**-shift


def counted(unit, year, zone):
    first = day(year, 1, 1) * DAY

    def convert(kind, value, _printed):
        if kind == "integer":
            micros = floored(value < 0, str(abs(value)), "", None, unit)
        elif kind == "real" and value - value == 0:
            micros = floored(*of_real(value), unit)
        elif kind == "text":
            parts = number_text(value)
            if parts[3] is not None:
                raise Refused
            micros = floored(*parts, unit)
        else:
            raise Refused
        return shown_moment(first + micros, zone)

    return convert


def julian_day(kind, value):
    if kind not in ("integer", "real") or not 0 <= value < 5373484.5:
        raise Refused
    return float(value)


def julian(zone):
    def convert(kind, value, _printed):
        millis = math.floor(julian_day(kind, value) * 86400000 + 0.5)
        # 1970-01-01 is Julian day 2440587.5.
        return shown_moment((millis - 210_866_760_000_000) * 1000, zone)

    return convert


def date_counted(unit, year):
    def convert(kind, value, _printed):
        tenths = value * 10 ** (unit + 3) if kind == "integer" else 1
        if tenths % (DAY * 1000):
            raise Refused
        micros = day(year, 1, 1) * DAY + tenths // 1000
        if not FIRST <= micros < END:
            raise Refused
        return "".join(shown_date(micros // DAY))

    return convert


def ole(zone):
    def convert(kind, value, _printed):
        if kind not in ("integer", "real") or not -657_434 <= value < 2_958_466:
            raise Refused
        if value < 0 and value != math.floor(value):
            raise Refused
        millis = math.floor(float(value) * 86400000 + 0.5)
        return shown_moment(day(1899, 12, 30) * DAY + millis * 1000, zone)

    return convert


def date_ole(kind, value, _printed):
    if kind not in ("integer", "real") or not -657_434 <= value < 2_958_466:
        raise Refused
    if value != math.floor(value):
        raise Refused
    return "".join(shown_date(day(1899, 12, 30) + int(value)))


def digits_of(kind, value, length):
    """Microseconds from 1970-01-01."""
    if kind == "real" and value - value == 0 and value == math.floor(value) and value < 1e15:
        kind, value = "integer", int(value)
    if kind == "integer":
        value = str(value).encode()
    elif kind != "text":
        raise Refused
    value = value.strip(SPACE)
    if not re.fullmatch(rb"[0-9]{%d}" % length, value):
        raise Refused
    year, month, of_month, hour, minute, second = (
        int(value[a:b] or 0) for a, b in ((0, 4), (4, 6), (6, 8), (8, 10), (10, 12), (12, 14))
    )
    if year == 0 or hour > 23 or minute > 59 or second > 59:
        raise Refused
    clock = (hour * 3600 + minute * 60 + second) * SECOND
    return day(year, month, of_month) * DAY + clock


def compact(length, zone):
    return lambda kind, value, _printed: shown_moment(digits_of(kind, value, length), zone)


def date_compact(length):
    def convert(kind, value, _printed):
        micros = digits_of(kind, value, length)
        if micros % DAY:
            raise Refused
        return "".join(shown_date(micros // DAY))

    return convert


def date_julian(kind, value, _printed):
    days = julian_day(kind, value) - 2440587.5
    if days != math.floor(days):
        raise Refused
    return "".join(shown_date(int(days)))


def interval(unit):
    def convert(kind, value, _printed):
        if kind != "integer":
            raise Refused
        micros = floored(value < 0, str(abs(value)), "", None, unit)
        if not -(2**63) <= micros < 2**63:
            raise Refused
        return ("-" if micros < 0 else "") + shown_clock(abs(micros))

    return convert


def shown_interval(months, days, micros):
    """As PostgreSQL prints it: each part with its own sign, a plus behind a minus."""
    if not (-(2**31) <= months < 2**31 and -(2**31) <= days < 2**31 and -(2**63) <= micros < 2**63):
        raise Refused
    endless = (2**31 - 1, 2**31 - 1, 2**63 - 1), (-(2**31), -(2**31), -(2**63))
    if (months, days, micros) in endless:
        raise Refused
    years = abs(months) // 12 * (-1 if months < 0 else 1)
    words, negative = [], False
    for value, unit in ((years, "year"), (months - 12 * years, "mon"), (days, "day")):
        if value:
            plus = "+" if negative and value > 0 else ""
            words.append(f"{plus}{value} {unit}{'' if value == 1 else 's'}")
            negative = value < 0
    if micros or not words:
        sign = "-" if micros < 0 else "+" if negative else ""
        words.append(sign + shown_clock(abs(micros)))
    return " ".join(words)


FULL_CLOCK = rb"([01][0-9]|2[0-3]):([0-5][0-9]):([0-5][0-9])(?:\.([0-9]{1,18}))?"
EPOCH_DATE = re.compile(rb"([0-9]{4})-([0-9]{2})-([0-9]{2})[ T]" + FULL_CLOCK)
TIMESPAN = re.compile(rb"(-?)(?:([0-9]{1,8})\.)?(?!.*\.[0-9]{8})" + FULL_CLOCK)
PART = rb"(?:([-+]?[0-9]{1,18})%s)?"
DURATION = re.compile(
    rb"([-+]?)P(?=[-+T0-9])" + b"".join(PART % unit for unit in (b"Y", b"M", b"W", b"D"))
    + rb"(?:T(?=[-+0-9])" + PART % b"H" + PART % b"M"
    + rb"(?:([-+]?)([0-9]{1,18})(?:\.([0-9]{1,18}))?S)?)?"
)


def matched(pattern, kind, value):
    match = kind == "text" and pattern.fullmatch(value.strip(SPACE))
    if not match:
        raise Refused
    return match.groups()


def epoch_date(kind, value, _printed):
    year, month, of_month, *parts = matched(EPOCH_DATE, kind, value)
    if int(year) == 0:
        raise Refused
    return shown_interval(0, day(int(year), int(month), int(of_month)), clock(*parts)[0])


def timespan(kind, value, _printed):
    minus, days, hour, minute, second, fraction = matched(TIMESPAN, kind, value)
    seconds = int(hour) * 3600 + int(minute) * 60 + int(second)
    micros = floored(bool(minus), str(seconds), (fraction or b"").decode(), None, 6)
    return shown_interval(0, int(minus + (days or b"0")), micros)


TIMEDELTA = re.compile(
    rb"(?:(?:(-?0{0,8}1) day|(-?[0-9]{1,9}) days), )?([0-9]{1,2}):([0-9]{2}):([0-9]{2})"
    rb"(?:\.([0-9]{1,6}))?"
)


def timedelta(kind, value, _printed):
    one, several, hour, minute, second, fraction = matched(TIMEDELTA, kind, value)
    if several is not None and abs(int(several)) == 1:
        raise Refused
    if int(hour) > 23 or int(minute) > 59 or int(second) > 59:
        raise Refused
    micros = int((fraction or b"0").ljust(6, b"0"))
    seconds = int(hour) * 3600 + int(minute) * 60 + int(second)
    return shown_interval(0, int(one or several or b"0"), seconds * SECOND + micros)


def iso_duration(kind, value, _printed):
    minus, *parts, minus_second, second, fraction = matched(DURATION, kind, value)
    sign = -1 if minus == b"-" else 1
    years, months, weeks, days, hours, minutes = (sign * int(part or 0) for part in parts)
    negative = (minus == b"-") != (minus_second == b"-")
    micros = floored(negative, (second or b"0").decode(), (fraction or b"").decode(), None, 6)
    micros += (hours * 60 + minutes) * 60 * SECOND
    return shown_interval(years * 12 + months, weeks * 7 + days, micros)


LENGTHS = {"epoch_date": epoch_date, "timespan": timespan, "timedelta": timedelta, "iso_duration": iso_duration}


def converter(name, stored):
    if name == "interval":
        return LENGTHS[stored] if stored in LENGTHS else interval(UNITS[stored])
    if name == "time":
        return {"text": time, "rails_time": rails_time}[stored]
    if name == "date":
        if stored in COUNTS:
            return date_counted(*COUNTS[stored])
        if stored in COMPACT:
            return date_compact(COMPACT[stored])
        return {"text": date, "julian": date_julian, "ole_day": date_ole}[stored]
    zone = {"timestamp": "", "timestamptz": "+00"}[name]
    if stored in COUNTS:
        return counted(*COUNTS[stored], zone)
    if stored in COMPACT:
        return compact(COMPACT[stored], zone)
    if stored == "ole_day":
        return ole(zone)
    return julian(zone) if stored == "julian" else moment(stored, zone)
