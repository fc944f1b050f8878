"""The run folder: everything a training writes, and where.

::

    config.yaml            the resolved configuration
    config_00000500.yaml   the one up to a step from which on it is another
    log.txt                what was printed
    metrics.jsonl          one line per logged step
    tensorboard/           the same scalars, and the sample sheets
    samples/               sample sheets as PNG
    checkpoints/           to resume from
    weights.safetensors    the EMA generators, for the Pixelizer

Training needs its checkpoints. All others are logs: what is wrong with them is said, once each, and
training goes on without.
"""

import json
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any, TextIO

from PIL import Image
from tqdm import tqdm

from pixelization.config import as_yaml
from pixelization.errors import UserError, reason
from pixelization.files import sweep, write_whole
from pixelization.images.writing import write_png
from pixelization.training.board import Board
from pixelization.training.checkpoint import list_checkpoints
from pixelization.training.systems.base import TrainingConfig
from pixelization.yaml_text import to_yaml

CONFIG, METRICS, WEIGHTS, CHECKPOINTS = (
    "config.yaml",
    "metrics.jsonl",
    "weights.safetensors",
    "checkpoints",
)


def check_folder(folder: Path, *, resume: bool) -> None:
    """Check that a run can begin in a folder, or go on there.

    Raises:
        UserError: a new run would write into a folder that already holds one, or there is none to
            resume.
    """
    checkpoints = list_checkpoints(folder / CHECKPOINTS)
    holds_one = bool(checkpoints) or any(
        (folder / name).exists() for name in (CONFIG, METRICS, WEIGHTS)
    )
    if resume and not holds_one:
        raise UserError(
            f"{folder}: no run to resume: start it without --resume, or mend train.name"
        )
    # A checkpoint is saved before the weights, so somebody took it away.
    if resume and not checkpoints and (folder / WEIGHTS).is_file():
        raise UserError(
            f"{folder}: no checkpoint to resume from, and a run from its start would replace "
            f"{WEIGHTS}: move that file, or choose another train.name"
        )
    if holds_one and not resume:
        raise UserError(
            f"{folder} already holds a run: continue it with --resume, or choose another train.name"
        )


def former_config(folder: Path, step: int) -> Path:
    """The file of the configuration that a run had up to a step."""
    return folder / f"config_{step:08d}.yaml"


class RunFolder:
    """Opens ``folder`` for a new run, or for one that goes on at ``step``.

    Args:
        before: the configuration up to this step, if the run goes on with another one; it is kept.

    Raises:
        UserError: the folder, or the configuration in it, cannot be written.
    """

    def __init__(
        self,
        folder: Path,
        config: TrainingConfig,
        *,
        step: int,
        before: dict[str, Any] | None = None,
    ) -> None:
        self.path = folder
        for each in (folder, folder / CHECKPOINTS):
            try:
                each.mkdir(parents=True, exist_ok=True)
            except OSError as error:
                raise UserError(
                    f"{each}: cannot be created ({reason(error)}): choose another train.out"
                ) from None
        for each in (folder, folder / CHECKPOINTS, folder / "samples"):
            sweep(each)
        self._failed: set[str] = set()
        if before:
            write_whole(former_config(folder, step), to_yaml(before), overwrite=True)
        write_whole(folder / CONFIG, as_yaml(config), overwrite=True)
        self._files: dict[str, TextIO] = {}
        self._board: Board | None = None
        with self._a_log(METRICS):
            self._drop_metrics_after(step)
        for name in (METRICS, "log.txt"):
            with self._a_log(name):
                _check_file(folder / name)
                # open until close()
                self._files[name] = open(folder / name, "a", encoding="utf-8")  # noqa: SIM115
        with self._a_log("tensorboard"):
            self._board = Board(folder / "tensorboard", purge_step=step + 1)

    def log(self, text: str) -> None:
        """Append to ``log.txt``."""
        self._append("log.txt", text)

    def scalars(self, step: int, values: dict[str, float]) -> None:
        """Record the values of one step."""
        self._append(METRICS, json.dumps({"step": step, **values}))
        self._show(lambda board: board.scalars(step, values))

    def sheets(self, step: int, make: Callable[[], dict[str, Image.Image]]) -> None:
        """Keep the sample sheets that ``make`` gives, by name."""
        with self._a_log("samples"):
            for name, sheet in make().items():
                self._show(partial(Board.image, step=step, name=name, image=sheet))
                write_png(sheet, self.path / "samples" / f"{name}_{step:08d}.png", overwrite=True)

    def close(self) -> None:
        """Flush and close the files."""
        for name, file in self._files.items():
            with self._a_log(name):
                file.close()
        self._show(lambda board: board.close())

    def _append(self, name: str, line: str) -> None:
        if name in self._files:
            with self._a_log(name):
                self._files[name].write(line + "\n")
                self._files[name].flush()

    def _show(self, action: Callable[[Board], None]) -> None:
        if self._board:
            with self._a_log("tensorboard"):
                action(self._board)

    @contextmanager
    def _a_log(self, name: str) -> Iterator[None]:
        """What fails in here is said, and the next line of this log is tried again."""
        try:
            yield
        except (OSError, UserError) as error:
            if name not in self._failed:
                self._failed.add(name)
                _warn(f"{self.path / name}: {reason(error)}; training goes on without it")

    def _drop_metrics_after(self, step: int) -> None:
        """Forget what was logged between the checkpoint and the kill: it is trained again."""
        path = self.path / METRICS
        if not path.exists():
            return
        _check_file(path)
        lines = path.read_bytes().split(b"\n")
        steps = [_step_of(line) for line in lines]
        kept = [
            line for line, at in zip(lines, steps, strict=True) if at is not None and at <= step
        ]
        write_whole(path, b"".join(line + b"\n" for line in kept), overwrite=True)
        # the last one is empty, or was being written when the run was killed
        if damaged := sum(at is None for at in steps[:-1]):
            _warn(f"{path}: {damaged} damaged lines were left out")


def _step_of(line: bytes) -> int | None:
    """The step of a line of metrics; None if it is no such line."""
    try:
        row = json.loads(line)
    except (ValueError, RecursionError):  # ValueError: no JSON, or not UTF-8
        return None
    step = row.get("step") if isinstance(row, dict) else None
    return step if type(step) is int else None


def _check_file(path: Path) -> None:
    """Raise ``UserError`` for what is there and no file: a pipe would wait for its reader."""
    if path.exists() and not path.is_file():
        raise UserError("is not a file")


def _warn(text: str) -> None:
    tqdm.write(f"train: warning: {text}", file=sys.stderr)
