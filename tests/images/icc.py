"""Colour profiles made by hand."""

import struct


def profile(kind, *tags, channels=b"RGB "):
    """A colour profile with these (name, content) tags."""
    tags = [
        *tags,
        (b"wtpt", XYZ(0.9642, 1, 0.82491)),
        (b"desc", b"desc" + bytes(4) + struct.pack(">I", 2) + b"a" + bytes(79)),
    ]
    places, body = b"", b""
    for name, content in tags:
        places += name + struct.pack(">II", 132 + 12 * len(tags) + len(body), len(content))
        body += content + bytes(-len(content) % 4)
    head = struct.pack(
        ">I4sI4s4s4s", 132 + len(places + body), b"lcms", 0x02400000, kind, channels, b"XYZ "
    )
    head = head + bytes(12) + b"acsp" + bytes(28) + XYZ(0.9642, 1, 0.82491)[8:]
    return head.ljust(128, b"\0") + struct.pack(">I", len(tags)) + places + body


def XYZ(*values):
    return b"XYZ " + bytes(4) + struct.pack(">3i", *(round(value * 65536) for value in values))


def gamma(value):
    return b"curv" + bytes(4) + struct.pack(">IH", 1, round(value * 256)) + bytes(2)


ADOBE = profile(
    b"mntr",
    (b"rXYZ", XYZ(0.60974, 0.31111, 0.01947)),
    (b"gXYZ", XYZ(0.20528, 0.62567, 0.06087)),
    (b"bXYZ", XYZ(0.14919, 0.06322, 0.74457)),
    *((name, gamma(2.2)) for name in (b"rTRC", b"gTRC", b"bTRC")),
)


LINEAR_GREY = profile(b"mntr", (b"kTRC", gamma(1)), channels=b"GRAY")
