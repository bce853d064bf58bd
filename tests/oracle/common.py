"""What several rules share."""

SPACE = b" \t\n\v\f\r"


class Refused(Exception):
    """The page says that the value is not taken."""


def utf8(value):
    """Text that is UTF-8 without a NUL."""
    if b"\0" in value:
        raise Refused
    try:
        return value.decode("utf-8")
    except UnicodeDecodeError:
        raise Refused from None
