"""Training checkpoints: complete, atomic, and loaded without running code."""

from pathlib import Path

import torch

from pixelization.errors import UserError
from pixelization.files import whole_file

FORMAT = "pixelization-checkpoint/2"
FORMER = "pixelization-checkpoint/1"  # knew the cascade only


def save_checkpoint(folder: Path, step: int, state: dict, *, keep: int) -> Path:
    """Write ``step_<step>.pt`` whole or not at all, and keep only the newest ``keep``."""
    path = folder / f"step_{step:08d}.pt"
    with whole_file(path, overwrite=True, durable=True) as temporary:
        torch.save({"format": FORMAT, "step": step, **state}, temporary)
    for old in list_checkpoints(folder)[:-keep]:
        old.unlink()
    return path


def list_checkpoints(folder: Path) -> list[Path]:
    """The folder's checkpoints, oldest first."""
    return sorted(folder.glob("step_*.pt"))


def load_checkpoint(path: Path) -> dict:
    """Read a checkpoint, of this format or the one before, onto the CPU.

    Raises:
        UserError: the file is missing, damaged or not one of ours.
    """
    advice = "delete it to resume from the one before"
    try:
        state = torch.load(path, map_location="cpu", weights_only=True)
    except FileNotFoundError:
        raise UserError(f"{path}: no such checkpoint") from None
    except Exception as error:  # a damaged file makes torch's unpickler raise almost anything
        raise UserError(f"{path}: damaged checkpoint ({type(error).__name__}): {advice}") from None
    if isinstance(state, dict) and state.get("format") == FORMER:
        return {"overflows": {}, "recent": {}, **state, "generators": state["cascade"]}
    if not isinstance(state, dict) or state.get("format") != FORMAT:
        raise UserError(f"{path}: not a checkpoint of this version ({FORMAT}): {advice}")
    return state
