"""What PostgreSQL should hold for a value of SQLite, by the rules of docs/conversions.md.

Written from that page alone, with Python's standard library, and with nothing of the program: a
fault of the codecs cannot be here too unless it is the page's. Reads cases as JSON lines, each
with "type", "stored", "class" (integer, real, text, blob), "value" (an integer as decimal digits,
a real as its 8 bytes in hex, text and blob in hex). The page leaves to SQLite how a real becomes
text: "printed" is that text for a real, and for an array of texts an object with that of every
number in it. Prints for each case a line of JSON: null where the value must be refused, or the
text that PostgreSQL prints for it with DateStyle ISO, TimeZone UTC, IntervalStyle postgres and
extra_float_digits 1.
"""

import base64
import json
import re
import struct
import sys
import uuid

import addresses
import arrays
import decimals
import documents
import moments
from common import Refused, utf8

LABELS = ["sad", "ok", "très bien"]
TRUE = ["t", "true", "y", "yes", "on", "1"]
WORDS = ["number_or_word"]
FALSE = ["f", "false", "n", "no", "off", "0"]


def boolean(kind, value, _printed):
    if kind in ("integer", "real") and value in (0, 1):
        return "t" if value == 1 else "f"
    if kind == "text":
        word = value.strip(b" \t\n\v\f\r").lower().decode("ascii", "replace")
        if word in TRUE:
            return "t"
        if word in FALSE:
            return "f"
    raise Refused


def boolean_blob(kind, value, printed):
    if kind == "blob":
        if value in (b"\0", b"\1"):
            return "ft"[value[0]]
        kind = "text"
    return boolean(kind, value, printed)


def text(kind, value, printed):
    if kind == "text":
        return utf8(value)
    if kind == "integer":
        return str(value)
    if kind == "real":
        return printed
    raise Refused


def hex_of_blob(kind, value, _printed):
    if kind != "blob":
        raise Refused
    return value.hex()


def base64_of_blob(kind, value, _printed):
    if kind != "blob":
        raise Refused
    return base64.b64encode(value).decode()


TEXTS = {"text": text, "blob_as_hex": hex_of_blob, "blob_as_base64": base64_of_blob}


def limited(unlimited, length, pad):
    def convert(kind, value, printed):
        taken = unlimited(kind, value, printed)
        if len(taken) > length:
            raise Refused
        return taken.ljust(length) if pad else taken

    return convert


def bytea(kind, value, _printed):
    if kind not in ("blob", "text"):
        raise Refused
    return "\\x" + value.hex()


def bytea_hex(kind, value, _printed):
    match = kind == "text" and re.fullmatch(rb"(?:[\\0][xX])?((?:[0-9a-fA-F]{2})*)", value)
    if not match:
        raise Refused
    return "\\x" + match[1].decode().lower()


def bytea_base64(kind, value, _printed):
    if kind != "text":
        raise Refused
    text = value.replace(b"\n", b"").replace(b"\r", b"")
    match = re.fullmatch(rb"([A-Za-z0-9+/]*|[A-Za-z0-9_-]*)(={0,2})", text)
    if not match:
        raise Refused
    digits = match[1].replace(b"-", b"+").replace(b"_", b"/")
    whole = digits + b"=" * (-len(digits) % 4)
    if match[2] and digits + match[2] != whole:
        raise Refused
    try:
        data = base64.b64decode(whole, validate=True)
    except ValueError:
        raise Refused from None
    # One text alone writes these bytes: no bit is left over.
    if base64.b64encode(data) != whole:
        raise Refused
    return "\\x" + data.hex()


def label(kind, value, _printed):
    if kind == "text" and value in [word.encode() for word in LABELS]:
        return value.decode()
    raise Refused


def uuid_text(kind, value, _printed):
    if kind != "text":
        raise Refused
    digits = value
    if digits[:1] == b"{" and digits[-1:] == b"}":
        digits = digits[1:-1]
    groups = []
    while digits:
        groups.append(digits[:4])
        digits = digits[4:]
        if digits[:1] == b"-" and len(digits) > 1:
            digits = digits[1:]
    joined = b"".join(groups)
    if len(groups) != 8 or len(joined) != 32:
        raise Refused
    if any(byte not in b"0123456789abcdefABCDEF" for byte in joined):
        raise Refused
    return hyphenated(joined.decode().lower())


def uuid_blob(kind, value, _printed):
    if kind != "blob" or len(value) != 16:
        raise Refused
    return hyphenated(value.hex())


def uuid_guid_le(kind, value, _printed):
    if kind != "blob" or len(value) != 16:
        raise Refused
    return str(uuid.UUID(bytes_le=value))


def hyphenated(digits):
    ends = [0, 8, 12, 16, 20, 32]
    return "-".join(digits[a:b] for a, b in zip(ends, ends[1:]))


def converter(ty, stored):
    """The function for a type as PostgreSQL names it and the word for how SQLite holds it."""
    if ty.endswith("[]"):
        return arrays.NOTATIONS[stored](ty[:-2], converter)
    name, _, arguments = ty.partition("(")
    arguments = [int(part) for part in arguments.rstrip(")").split(",") if part]
    if name in ("varchar", "character varying"):
        return limited(TEXTS[stored or "text"], arguments[0], False)
    if name in ("char", "character"):
        return limited(TEXTS[stored or "text"], arguments[0], True)
    if name == "numeric":
        numeric = decimals.numeric(*arguments)
        return decimals.or_word(numeric, {"nan": "NaN"}) if stored in WORDS else numeric
    if name in ("bool", "boolean"):
        return boolean_blob if stored == "blob" else boolean
    if stored in WORDS:
        return decimals.or_word(decimals.NAMES[name], decimals.WORDS)
    if name == "uuid":
        return {"text": uuid_text, "blob": uuid_blob, "guid_le": uuid_guid_le}[stored]
    if name == "bytea":
        return {"blob": bytea, "hex": bytea_hex, "base64": bytea_base64}[stored]
    if name in ("text", "citext"):
        return TEXTS[stored or "text"]
    simple = {
        "mood": label,
        "json": documents.json_text,
        "jsonb": documents.jsonb,
        "inet": addresses.inet,
        "cidr": addresses.cidr,
        **decimals.NAMES,
    }
    return simple[name] if name in simple else moments.converter(name, stored)


def read(case):
    kind, value = case["class"], case["value"]
    if kind == "integer":
        return int(value)
    data = bytes.fromhex(value)
    return struct.unpack(">d", data)[0] if kind == "real" else data


def main():
    known = {}
    for line in sys.stdin:
        case = json.loads(line)
        pair = (case["type"], case["stored"])
        if pair not in known:
            known[pair] = converter(*pair)
        try:
            answer = known[pair](case["class"], read(case), case.get("printed"))
        except Refused:
            answer = None
        print(json.dumps(answer))


if __name__ == "__main__":
    sys.setrecursionlimit(100_000)
    main()
