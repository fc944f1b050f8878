#!/usr/bin/env python3
"""Write docs/keys.md: every key of the configurations of training.

Keys, defaults and meanings are those of the dataclasses; a test compares the page with them.
"""

from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from pathlib import Path
from typing import Any

from pixelization.training.config import SYSTEMS

PAGE = Path(__file__).resolve().parents[1] / "docs" / "keys.md"
HEAD = """# The keys of training

What a [configuration](training.md#configurations) may say, system by system, with the defaults.
On the command line a key is `key.sub=value`, as `optim.lr=1e-4`; `runs/NAME/config.yaml` holds the
values of a run.
"Ours" is what no paper says; quotations are from Han et al. 2018, Sec. 3.4.
The names below `loss.weights` are those of the [losses](losses.md), where their defaults stand.

This page is made by `python tools/keys.py`.
"""


def page() -> str:
    """The text of the page."""
    parts = [HEAD]
    for name, (kind, _) in SYSTEMS.items():
        parts.append(f"## {name}\n")
        config: Any = kind()
        system, *sections = fields(config)
        parts.append(_sentence(f"`system: {name}`: {system.metadata['meaning']}"))
        for each in sections:
            parts.append(f"### {name}: {each.name}\n")
            parts.append(_sentence(each.metadata["meaning"]))
            rows = ["| key | default | meaning |", "|---|---|---|"]
            rows += _rows(getattr(config, each.name), f"{each.name}.")
            parts.append("\n".join(rows) + "\n")
    return "\n".join(parts)


def _sentence(meaning: str) -> str:
    return f"{meaning[0].upper()}{meaning[1:]}.\n"


def _rows(section: Any, prefix: str) -> Iterator[str]:
    for each in fields(section):
        key, value = prefix + each.name, getattr(section, each.name)
        default = "" if is_dataclass(value) else _yaml(value)
        meaning = each.metadata["meaning"].replace("|", "\\|")
        shown = f"`{default}`" if default else ""
        yield f"| `{key}` | {shown} | {meaning} |"
        if is_dataclass(value) and key != "loss.weights":
            yield from _rows(value, f"{key}.")


def _yaml(value: Any) -> str:
    """A value as a configuration has it; nothing for an empty text."""
    if isinstance(value, tuple):
        return f"[{', '.join(map(_yaml, value))}]"
    return str(value).lower() if isinstance(value, bool) else str(value)


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
