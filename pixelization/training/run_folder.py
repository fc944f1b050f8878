"""The run folder: everything a training writes, and where.

::

    config.yaml            the resolved configuration
    log.txt                what was printed
    metrics.jsonl          one line per logged step
    tensorboard/           the same scalars, and the sample sheets
    samples/               sample sheets as PNG
    checkpoints/           to resume from
    weights.safetensors    the EMA generators, for the Pixelizer
"""

import json
from pathlib import Path

from PIL import Image
from tensorboardX import SummaryWriter

from pixelization.config import as_yaml
from pixelization.errors import UserError
from pixelization.files import write_whole
from pixelization.images.writing import write_png
from pixelization.training.samples import image_tensor
from pixelization.training.systems.base import TrainingConfig


class RunFolder:
    """Opens ``folder`` for a new run, or for one that goes on at ``step``.

    Raises:
        UserError: a new run would write into a folder that already holds one.
    """

    def __init__(self, folder: Path, config: TrainingConfig, *, step: int, resume: bool) -> None:
        self.path = folder
        if not resume and (folder / "config.yaml").exists():
            raise UserError(
                f"{folder} already holds a run: "
                "continue it with --resume, or choose another train.name"
            )
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise UserError(
                f"{folder}: cannot be created ({error.strerror}): choose another train.out"
            ) from None
        write_whole(folder / "config.yaml", as_yaml(config), overwrite=True)
        self._drop_metrics_after(step)
        # open until close()
        self._metrics = open(folder / "metrics.jsonl", "a", encoding="utf-8")  # noqa: SIM115
        self._log = open(folder / "log.txt", "a", encoding="utf-8")  # noqa: SIM115
        self._board = SummaryWriter(str(folder / "tensorboard"), purge_step=step + 1)

    def log(self, text: str) -> None:
        """Append to ``log.txt``."""
        self._log.write(text + "\n")
        self._log.flush()

    def scalars(self, step: int, values: dict[str, float]) -> None:
        """Record the values of one step."""
        self._metrics.write(json.dumps({"step": step, **values}) + "\n")
        self._metrics.flush()
        for name, value in values.items():
            self._board.add_scalar(name, value, step)

    def sheet(self, step: int, name: str, sheet: Image.Image) -> None:
        """Keep a sample sheet."""
        write_png(sheet, self.path / "samples" / f"{name}_{step:08d}.png", overwrite=True)
        self._board.add_image(name, image_tensor(sheet), step)

    def close(self) -> None:
        """Flush and close the files."""
        for file in (self._metrics, self._log, self._board):
            file.close()

    def _drop_metrics_after(self, step: int) -> None:
        """Forget what was logged between the checkpoint and the kill: it is trained again."""
        path = self.path / "metrics.jsonl"
        if path.exists():
            rows = [
                line for line in path.read_text(encoding="utf-8").splitlines() if line.endswith("}")
            ]
            write_whole(
                path,
                "".join(row + "\n" for row in rows if json.loads(row)["step"] <= step),
                overwrite=True,
            )
