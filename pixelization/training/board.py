"""Scalars and pictures for TensorBoard.

Written at once: the writer of tensorboardX writes in a thread, and when the disk is full that
thread ends, and training waits for it for ever.
"""

import os
import time
from pathlib import Path

import numpy as np
from PIL import Image
from tensorboardX import summary
from tensorboardX.event_file_writer import EventsWriter
from tensorboardX.proto import event_pb2


class Board:
    """A new event file in ``folder``.

    Args:
        folder: made if it is missing.
        purge_step: what an earlier session wrote from this step on is no longer shown.

    Raises:
        OSError: the folder or the file cannot be written; so do all methods.
    """

    def __init__(self, folder: Path, *, purge_step: int) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        # absolute: tensorboardX takes s3: and gs: at the start of a path for addresses
        prefix = str(folder.resolve() / "events")
        self._file = EventsWriter(prefix, filename_suffix=f".{os.getpid()}")
        started = event_pb2.SessionLog(status=event_pb2.SessionLog.START)
        self._write(purge_step, session_log=started)

    def scalars(self, step: int, values: dict[str, float]) -> None:
        """The values of a step, by name."""
        for name, value in values.items():
            self._write(step, summary=summary.scalar(name, value))
        self._file.flush()

    def image(self, step: int, name: str, image: Image.Image) -> None:
        """A picture of a step."""
        self._write(step, summary=summary.image(name, np.asarray(image), dataformats="HWC"))
        self._file.flush()

    def close(self) -> None:
        """Close the file."""
        self._file.close()

    def _write(self, step: int, **content: object) -> None:
        event = event_pb2.Event(step=step, wall_time=time.time(), **content)
        self._file.write_event(event)
