"""JSON, as it is kept by `json` and rewritten by `jsonb`."""

import json

from common import Refused, utf8
from decimals import NUMBER, of_real, parts, plain

DEPTH = 512
ESCAPES = {'"': '\\"', "\\": "\\\\", "\b": "\\b", "\f": "\\f"}
ESCAPES |= {"\n": "\\n", "\r": "\\r", "\t": "\\t"}


class Number(str):
    """A number by its digits."""


def refuse(_word):
    raise Refused


def parse(text):
    """The document with its numbers as written and its objects as lists of pairs."""
    if deepest(text) > DEPTH:
        raise Refused
    try:
        return json.loads(
            text,
            parse_int=Number,
            parse_float=Number,
            parse_constant=refuse,
            object_pairs_hook=Pairs,
        )
    except ValueError:
        raise Refused from None


class Pairs(list):
    """An object's members."""


def deepest(text):
    depth = most = 0
    inside = escaped = False
    for character in text:
        if inside:
            inside = escaped or character != '"'
            escaped = not escaped and character == "\\"
        elif character == '"':
            inside = True
        elif character in "[{":
            depth += 1
            most = max(most, depth)
        elif character in "]}":
            depth -= 1
    return most


def document(kind, value):
    if kind == "text":
        return utf8(value)
    if kind == "integer":
        return str(value)
    if kind == "real" and value - value == 0:
        negative, before, after, exponent = of_real(value)
        after = after.rstrip("0")
        shown = plain(negative, before, after, exponent)
        return "-0" if value == 0 and negative else shown
    raise Refused


def json_text(kind, value, _printed):
    text = document(kind, value)
    parse(text)
    return text


def jsonb(kind, value, _printed):
    return rewritten(parse(document(kind, value)))


def rewritten(value):
    if isinstance(value, Number):
        return number(value)
    if isinstance(value, str):
        return string(value)
    if isinstance(value, Pairs):
        # The last of equal keys; short keys first, and then by their bytes.
        members = {key: (string(key), rewritten(member)) for key, member in value}
        keys = sorted(members, key=lambda key: (len(key.encode()), key.encode()))
        return "{" + ", ".join(": ".join(members[key]) for key in keys) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(rewritten, value)) + "]"
    return {None: "null", True: "true", False: "false"}[value]


def number(digits):
    negative, before, after, exponent = parts(NUMBER.fullmatch(digits.encode()))
    if len(before) + int(exponent or 0) >= 1_000_000_000:
        raise Refused
    return plain(negative, before, after, exponent)


def string(value):
    if "\0" in value or any(0xD800 <= ord(c) < 0xE000 for c in value):
        raise Refused
    shown = (
        ESCAPES.get(c, f"\\u{ord(c):04x}" if c < " " else c) for c in value
    )
    return '"' + "".join(shown) + '"'
