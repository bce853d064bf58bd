"""Network addresses."""

import ipaddress
import re

from common import Refused

V4 = re.compile(rb"(?:0|[1-9][0-9]{0,2})(?:\.(?:0|[1-9][0-9]{0,2})){3}")
BITS = re.compile(rb"0|[1-9][0-9]{0,2}")


def read(kind, value):
    """The address as a number, its bits in all, and those of the network."""
    if kind != "text":
        raise Refused
    address, slash, bits = value.partition(b"/")
    if V4.fullmatch(address):
        width, parse = 32, ipaddress.IPv4Address
    elif re.fullmatch(rb"[0-9a-fA-F:]*(?:[0-9.]*)", address) and b":" in address:
        width, parse = 128, ipaddress.IPv6Address
        last = address.rpartition(b":")[2]
        if b"." in address and not V4.fullmatch(last):
            raise Refused
    else:
        raise Refused
    try:
        number = int(parse(address.decode()))
    except ValueError:
        raise Refused from None
    if not slash:
        return number, width, width
    if not BITS.fullmatch(bits) or int(bits) > width:
        raise Refused
    return number, width, int(bits)


def inet(kind, value, _printed):
    number, width, bits = read(kind, value)
    return shown(number, width) + ("" if bits == width else f"/{bits}")


def cidr(kind, value, _printed):
    number, width, bits = read(kind, value)
    if number & ((1 << (width - bits)) - 1):
        raise Refused
    return f"{shown(number, width)}/{bits}"


def shown(number, width):
    if width == 32:
        return dotted(number)
    groups = [number >> shift & 0xFFFF for shift in range(112, -1, -16)]
    start, most = None, 1
    for first in range(8):
        run = 0
        while first + run < 8 and groups[first + run] == 0:
            run += 1
        if run > most:
            start, most = first, run
    # PostgreSQL writes the end as IPv4 where nothing but zeros, or ffff, stands before it.
    if start == 0 and (most == 6 or most == 5 and groups[5] == 0xFFFF):
        return "::" + ("ffff:" if most == 5 else "") + dotted(number & 0xFFFFFFFF)
    words = [f"{group:x}" for group in groups]
    if start is None:
        return ":".join(words)
    return ":".join(words[:start]) + "::" + ":".join(words[start + most :])


def dotted(number):
    return ".".join(str(number >> shift & 255) for shift in (24, 16, 8, 0))
