"""format=flowed (RFC 3676): lines that end in a space belong together."""

from __future__ import annotations


def unflow(text: str, *, delsp: bool = False) -> str:
    """Text with soft line breaks taken out; quote depth is kept, a signature line never joins."""
    out: list[str] = []
    held, held_depth = "", -1
    for line in text.split("\n"):
        depth = len(line) - len(line.lstrip(">"))
        body = line[depth:].removeprefix(" ")
        if held_depth >= 0 and (depth != held_depth or body == "-- "):
            out.append(_quoted(held_depth, held))
            held, held_depth = "", -1
        if body.endswith(" ") and body != "-- ":
            held += body[:-1] if delsp else body
            held_depth = depth
            continue
        out.append(_quoted(depth, held + body))
        held, held_depth = "", -1
    if held_depth >= 0:
        out.append(_quoted(held_depth, held))
    return "\n".join(out)


def _quoted(depth: int, body: str) -> str:
    return f"{'>' * depth} {body}" if depth else body
