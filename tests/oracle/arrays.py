"""Arrays, from JSON."""

import re

import decimals
from common import Refused, utf8
from documents import Number, Pairs, parse

USUAL = {
    "bytea": "blob",
    "uuid": "text",
    "date": "text",
    "timestamp": "text",
    "timestamptz": "text",
    "time": "text",
    "interval": "ns",
}


def array(element, converter):
    convert = converter(element, USUAL.get(element, ""))

    def whole(kind, value, printed):
        if kind != "text":
            raise Refused
        items = parse(utf8(value))
        if not isinstance(items, list) or isinstance(items, Pairs):
            raise Refused
        shown = [one(element, convert, item, printed) for item in items]
        return "{" + ",".join(map(quoted, shown)) + "}"

    return whole


def one(element, convert, item, printed):
    if item is None:
        return None
    if isinstance(item, bool):
        if element not in ("bool", "boolean"):
            raise Refused
        return "t" if item else "f"
    if isinstance(item, Number):
        return of_digits(element, convert, item, printed)
    if isinstance(item, str):
        try:
            return convert("text", item.encode(), None)
        except UnicodeEncodeError:
            raise Refused from None
    raise Refused


def of_digits(element, convert, digits, printed):
    if element in decimals.RANGES:
        return decimals.whole_of_digits(digits, *decimals.RANGES[element])
    if hasattr(convert, "digits"):
        return convert.digits(digits)
    if re.fullmatch("-?[0-9]+", digits) and len(digits) < 25:
        value = int(digits)
        if -(2**63) <= value < 2**63:
            return convert("integer", value, None)
    if element in ("float4", "real", "float8", "double precision"):
        return convert("real", decimals.nearest(digits), None)
    value = float(digits)
    if value - value != 0:
        raise Refused
    return convert("real", value, (printed or {}).get(digits))


def quoted(item):
    if item is None:
        return "NULL"
    if item == "" or item.upper() == "NULL" or re.search(r'[{}",\\ \t\n\v\f\r]', item):
        return '"' + item.replace("\\", "\\\\").replace('"', '\\"') + '"'
    return item
