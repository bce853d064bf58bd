"""Numbers: whole, decimal and floating."""

import math
import re
import struct
from fractions import Fraction

from common import SPACE, Refused

NUMBER = re.compile(rb"([+-]?)([0-9]+)(?:\.([0-9]+))?(?:[eE]([+-]?[0-9]+))?")
MOST_BEFORE, MOST_AFTER = 131072, 16383


def number_text(value):
    """Sign, digits before and after the point, and the exponent as text or None."""
    value = value.strip(SPACE)
    match = NUMBER.fullmatch(value)
    if not match or len(value) > 1000:
        raise Refused
    return parts(match)


def parts(match):
    sign, whole, fraction, exponent = (p and p.decode() for p in match.groups())
    return sign == "-", whole, fraction or "", exponent


def of_real(value):
    """The shortest decimal form of a finite double, in the same parts."""
    return parts(NUMBER.fullmatch(repr(value).encode()))


def whole(least, most):
    def convert(kind, value, _printed):
        if kind == "real":
            if value != value or abs(value) > 2**53 or value != int(value):
                raise Refused
            value = int(value)
        elif kind == "text":
            negative, digits, fraction, exponent = number_text(value)
            if fraction or exponent is not None:
                raise Refused
            value = -int(digits) if negative else int(digits)
        elif kind != "integer":
            raise Refused
        return in_range(value, least, most)

    return convert


def in_range(value, least, most):
    if not least <= value <= most:
        raise Refused
    return str(value)


def whole_of_digits(digits, least, most):
    """An array's element: any JSON number with an integral value."""
    negative, before, after, exponent = parts(NUMBER.fullmatch(digits.encode()))
    mantissa, shift = before + after, int(exponent or 0) - len(after)
    if not mantissa.strip("0"):
        return in_range(0, least, most)
    if len(mantissa.lstrip("0")) + shift > 60:
        raise Refused
    if shift < 0:
        if mantissa[shift:].strip("0") or -shift > len(mantissa):
            raise Refused
        mantissa, shift = mantissa[:shift], 0
    value = int(mantissa or "0") * 10**shift
    return in_range(-value if negative else value, least, most)


def numeric(precision=None, scale=0):
    def convert(kind, value, _printed):
        if kind == "integer":
            return plain(value < 0, str(abs(value)), "", None, precision, scale)
        if kind == "real":
            if value - value != 0:
                raise Refused
            negative, before, after, exponent = of_real(value)
            # Without trailing zeros: 5.0 is 5.
            after = after.rstrip("0")
            return plain(negative, before, after, exponent, precision, scale)
        if kind == "text":
            return plain(*number_text(value), precision, scale)
        raise Refused

    convert.digits = lambda digits: plain(
        *parts(NUMBER.fullmatch(digits.encode())), precision, scale
    )
    return convert


def plain(negative, before, after, exponent, precision=None, scale=0):
    """A number written out as numeric prints it."""
    exponent = int(exponent or 0)
    digits = before + after
    written = max(0, len(after) - exponent)
    zero = not digits.strip("0")
    point = len(before) + exponent
    first = len(digits) - len(digits.lstrip("0"))
    count = 0 if zero else max(0, point - first)
    used = 0 if zero else max(0, len(digits.rstrip("0")) - point)
    if count > MOST_BEFORE or written > MOST_AFTER or used > MOST_AFTER:
        raise Refused
    if precision is not None:
        if used > scale or count > precision - scale:
            raise Refused
        written = scale
    if zero:
        whole_digits, rest = "0", ""
    elif point >= len(digits):
        whole_digits, rest = digits + "0" * (point - len(digits)), ""
    elif point <= 0:
        whole_digits, rest = "0", "0" * -point + digits
    else:
        whole_digits, rest = digits[:point], digits[point:]
    rest = rest[:written].ljust(written, "0")
    shown = (whole_digits.lstrip("0") or "0") + ("." + rest if rest else "")
    return "-" + shown if negative and not zero else shown


def double(kind, value):
    if kind == "real" and value == value:
        return value
    if kind == "integer":
        try:
            if int(float(value)) == value:
                return float(value)
        except OverflowError:
            pass
        raise Refused
    if kind == "text":
        number_text(value)
        return nearest(value.strip(SPACE).decode())
    raise Refused


def nearest(digits):
    """The double nearest to written digits, unless it is an infinity or a false zero."""
    result = float(digits)
    _, before, after, _ = parts(NUMBER.fullmatch(digits.encode()))
    if result - result != 0 or result == 0 and (before + after).strip("0"):
        raise Refused
    return result


def float8(kind, value, _printed):
    value = double(kind, value)
    return shown(value, printed(value, 53, -1074), 15)


def float4(kind, value, _printed):
    value = double(kind, value)
    narrow = narrowed(value)
    return shown(narrow, printed(narrow, 24, -149), 6)


def narrowed(value):
    if value - value != 0:
        return value
    try:
        narrow = struct.unpack(">f", struct.pack(">f", value))[0]
    except OverflowError:
        raise Refused from None
    if narrow != value and shortest(narrow, 9, True) != shortest(value, 17, False):
        raise Refused
    return narrow


def shortest(value, most, single):
    """Digits and exponent of the shortest decimal that reads back as the same number."""
    if value - value != 0 or value == 0:
        return None
    for places in range(most):
        written = f"{abs(value):.{places}e}"
        try:
            back = float(written)
            if single:
                back = nearest_single(written)
        except OverflowError:
            continue
        if back == abs(value):
            mantissa, exponent = written.split("e")
            return mantissa.replace(".", "").rstrip("0"), int(exponent)
    raise AssertionError(value)


def printed(value, bits, least):
    """Digits and exponent as PostgreSQL prints a float of so many bits: the fewest that lie nearer
    to it than to its neighbours; as near to one of them is not near enough, unlike elsewhere."""
    if value - value != 0 or value == 0:
        return None
    exact = Fraction(abs(value))
    power = max(math.frexp(abs(value))[1] - bits, least)
    half = Fraction(2) ** power / 2
    # Below a power of two the neighbours lie closer together.
    closer = exact == Fraction(2) ** (power + bits - 1) and power > least
    low, high = exact - (half / 2 if closer else half), exact + half
    for places in range(20):
        exponent = int(f"{abs(value):.17e}".split("e")[1])
        scale = Fraction(10) ** (exponent - places)
        near = [math.floor(exact / scale), math.floor(exact / scale) + 1]
        near = [digits for digits in near if low < digits * scale < high]
        if near:
            digits = str(min(near, key=lambda digits: (abs(digits * scale - exact), digits % 2)))
            return digits.rstrip("0"), exponent + len(digits) - places - 1
    raise AssertionError(value)


def nearest_single(written):
    """The float4 nearest to a decimal, without a stop at the double nearest to it."""
    exact = Fraction(written)
    start = struct.unpack(">I", struct.pack(">f", float(exact)))[0]
    near = [bits for bits in (start - 1, start, start + 1) if bits >= 0]
    near = [struct.unpack(">f", struct.pack(">I", bits))[0] for bits in near]
    near = [one for one in near if one - one == 0]
    return min(near, key=lambda one: (abs(Fraction(one) - exact), struct.pack(">f", one)[3] & 1))


def shown(value, digits, limit):
    """As PostgreSQL prints it: with an exponent below -4 and from `limit` on."""
    if value - value != 0:
        return "Infinity" if value > 0 else "-Infinity"
    sign = "-" if struct.pack(">d", value)[0] & 0x80 else ""
    if digits is None:
        return sign + "0"
    mantissa, exponent = digits
    if exponent < -4 or exponent >= limit:
        point = mantissa[0] + ("." + mantissa[1:] if len(mantissa) > 1 else "")
        return f"{sign}{point}e{'-' if exponent < 0 else '+'}{abs(exponent):02}"
    if exponent < 0:
        return sign + "0." + "0" * (-exponent - 1) + mantissa
    if len(mantissa) <= exponent + 1:
        return sign + mantissa + "0" * (exponent + 1 - len(mantissa))
    return sign + mantissa[: exponent + 1] + "." + mantissa[exponent + 1 :]


WORDS = {"nan": "NaN", "inf": "Infinity", "infinity": "Infinity"}
WORDS |= {sign + word: shown for word, shown in WORDS.items() for sign in "+" if word != "nan"}
WORDS |= {"-inf": "-Infinity", "-infinity": "-Infinity"}


def or_word(convert, words):
    def either(kind, value, shown_number):
        word = value.strip(SPACE).lower().decode("latin-1") if kind == "text" else None
        return words[word] if word in words else convert(kind, value, shown_number)

    return either


RANGES = {
    "int2": (-(2**15), 2**15 - 1),
    "int4": (-(2**31), 2**31 - 1),
    "int8": (-(2**63), 2**63 - 1),
}
RANGES |= {"smallint": RANGES["int2"], "integer": RANGES["int4"], "bigint": RANGES["int8"]}
NAMES = {name: whole(*limits) for name, limits in RANGES.items()}
NAMES |= {"float4": float4, "real": float4, "float8": float8, "double precision": float8}
