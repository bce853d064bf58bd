"""Arrays, from JSON, from PostgreSQL's notation, and from values with commas between them."""

import json
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


DOCUMENTS = ("json", "jsonb")


def whole(read, one):
    """A function that reads text into lists within lists, and prints them with `one`."""

    def make(element, converter):
        convert = converter(element, USUAL.get(element, ""))

        def convert_array(kind, value, printed):
            if kind != "text":
                raise Refused
            items = read(element, utf8(value))
            if not isinstance(items, list) or isinstance(items, Pairs):
                raise Refused
            depth = depth_of(items)
            if depth > 6 or depth > 1 and element in DOCUMENTS and read is json_items:
                raise Refused
            return braces(items, depth, lambda item: one(element, convert, item, printed))

        return convert_array

    return make


def depth_of(items):
    depth = 0
    while isinstance(items, list) and not isinstance(items, Pairs):
        depth += 1
        items = items[0] if items else None
    return depth


def braces(items, depth, one):
    if depth == 0:
        if isinstance(items, list):
            raise Refused
        return quoted(one(items))
    if not isinstance(items, list) or isinstance(items, Pairs):
        raise Refused
    if depth > 1:
        lengths = {shape(item) for item in items}
        if len(lengths) != 1 or not items or 0 in lengths.pop():
            raise Refused
    return "{" + ",".join(braces(item, depth - 1, one) for item in items) + "}"


def shape(items):
    """The length of each dimension, by the first array of each."""
    lengths = []
    while isinstance(items, list) and not isinstance(items, Pairs):
        lengths.append(len(items))
        items = items[0] if items else None
    return tuple(lengths) or (0,)


def json_items(element, text):
    if element not in DOCUMENTS:
        return parse(text)
    items = parse(text)
    if not isinstance(items, list) or isinstance(items, Pairs):
        raise Refused
    # The text of each element, which `json` keeps.
    shown, at = [], text.index("[") + 1
    decoder = json.JSONDecoder()
    for item in items:
        at += len(re.match(r"[ \t\n\r,]*", text[at:])[0])
        _, end = decoder.raw_decode(text, at)
        nested = isinstance(item, (list, bool))
        shown.append(Document(text[at:end]) if nested else item)
        at = end
    return shown


class Document(str):
    """An element that is a document itself."""


BARE = re.compile(r'(?:\\.|[^\\{}",])*', re.DOTALL)
QUOTED = re.compile(r'"((?:\\.|[^\\"])*)"', re.DOTALL)
BLANKS = " \t\n\v\f\r"


class Written(str):
    """An element in the text of an array."""


def literal_items(_element, text):
    items, end = literal(text, blanks(text, 0))
    if blanks(text, end) != len(text):
        raise Refused
    return items


def blanks(text, at):
    while at < len(text) and text[at] in BLANKS:
        at += 1
    return at


def literal(text, at):
    """The list that begins with a brace here, and the place behind it."""
    if text[at : at + 1] != "{":
        raise Refused
    at, items = blanks(text, at + 1), []
    if text[at : at + 1] == "}":
        return items, at + 1
    while True:
        at = blanks(text, at)
        if text[at : at + 1] == "{":
            item, at = literal(text, at)
        elif text[at : at + 1] == '"':
            match = QUOTED.match(text, at)
            if not match:
                raise Refused
            item, at = Written(re.sub(r"\\(.)", r"\1", match[1], flags=re.DOTALL)), match.end()
        else:
            item, at = bare(text, at)
        items.append(item)
        at = blanks(text, at)
        if text[at : at + 1] == "}":
            return items, at + 1
        if text[at : at + 1] != ",":
            raise Refused
        at += 1


def bare(text, at):
    raw = BARE.match(text, at)[0]
    end = at + len(raw)
    # Blanks at the end count where a backslash stands before them.
    while raw and raw[-1] in BLANKS and not re.search(r"(?<!\\)(?:\\\\)*\\.$", raw, re.DOTALL):
        raw = raw[:-1]
    if not raw or end == len(text):
        raise Refused
    if raw.upper() == "NULL":
        return None, end
    return Written(re.sub(r"\\(.)", r"\1", raw, flags=re.DOTALL)), end


def csv_items(_element, text):
    if text[:1] in ("{", "["):
        raise Refused
    if not text:
        return []
    field = re.compile(r'(?:"((?:[^"]|"")*)"|([^",\r\n]*))(,|\Z)')
    items, at = [], 0
    while True:
        match = field.match(text, at)
        if not match:
            raise Refused
        written = match[2] if match[1] is None else match[1].replace('""', '"')
        items.append(Written(written))
        at = match.end()
        if not match[3]:
            return items


def one_written(element, convert, item, printed):
    if item is None:
        return None
    word = item.strip(BLANKS)
    digits = word[1:] if re.match(r"\+[0-9]", word) else word
    number = len(digits) <= 1000 and decimals.NUMBER.fullmatch(digits.encode())
    if element in decimals.NAMES or element.startswith("numeric"):
        if number:
            return of_digits(element, convert, digits, printed)
        words = decimals.WORDS if "float" in element else {}
        words = {"nan": "NaN"} if element.startswith("numeric") else words
        if word.lower() in words:
            return words[word.lower()]
    if element == "bytea":
        if not re.fullmatch(r"\\x([0-9a-fA-F]{2})*", item):
            raise Refused
        return "\\x" + item[2:].lower()
    return convert("text", item.encode(), None)


def one(element, convert, item, printed):
    if item is None:
        return None
    if isinstance(item, bool):
        if element not in ("bool", "boolean"):
            raise Refused
        return "t" if item else "f"
    if isinstance(item, Document):
        return convert("text", item.encode(), None)
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


NOTATIONS = {
    "json": whole(json_items, one),
    "pg_array": whole(literal_items, one_written),
    "csv": whole(csv_items, one_written),
}
