"""The one way in: images, animations and sheets to pixel art and back, as the commands make them.

Knows which backend runs the networks; the rest is in :mod:`pixelization.pipeline.sprites`.
"""

from pathlib import Path
from typing import Any

from pixelization.backends.base import Backend, SpriteBackend
from pixelization.backends.choice import ONNX_SUFFIX, backend_name, check_model, onnx_file
from pixelization.cells.sizes import WantedSize
from pixelization.detection.geometry import SURE
from pixelization.enlargers.base import DEFAULT_FACTOR, NETWORK, draws_back
from pixelization.enlargers.networks import network_enlarger
from pixelization.images.reading import Source
from pixelization.networks.shipped import DEFAULT_MODEL
from pixelization.optional import optional_module
from pixelization.pipeline.finish import Finished
from pixelization.pipeline.pictures import Frames, Tiles
from pixelization.pipeline.sprites import depixelize, make_sprites
from pixelization.pipeline.style import Style
from pixelization.reducers.base import CellSize
from pixelization.reducers.networks import NetworkResult, reduce_by_networks


class Pixelizer:
    """Turns pictures into sprites and sprites into smooth images.

    A picture is an image, an animation or a sheet. One ``Pixelizer`` is for any number of them.

    Args:
        backend: runs the networks.

    Attributes:
        enlarge: DepixelNet, as :func:`pixelization.enlargers.faithful.enlarge_sprite` takes it.
    """

    def __init__(self, backend: Backend | SpriteBackend) -> None:
        self.backend = backend
        self.enlarge = network_enlarger(backend)

    @classmethod
    def from_pretrained(
        cls, model: str = DEFAULT_MODEL, device: str = "auto", backend: str = "auto"
    ) -> "Pixelizer":
        """Load a model that is shipped with the package.

        Args:
            model: its name.
            device: ``"auto"`` (the GPU if there is one), ``"cpu"`` or ``"cuda"``.
            backend: ``"torch"``, ``"onnx"`` (ONNX Runtime, on the CPU), or ``"auto"``: torch where
                there may be a GPU, and for models that only it can run.

        Raises:
            UserError: there is no such model, device or backend.
        """
        check_model(model)
        if backend_name(backend, device, model) == "onnx":
            return cls.from_weights(onnx_file(model), device)
        optional_module("torch", "train")
        # Torch takes seconds to import; whoever brings another backend does not need it.
        from pixelization.networks.weights import pretrained_path  # noqa: PLC0415

        return cls.from_weights(pretrained_path(model), device)

    @classmethod
    def from_weights(cls, path: str | Path, device: str = "auto") -> "Pixelizer":
        """Load a weights file of your own training, or one that ``export`` made of it (.onnx).

        Raises:
            UserError: it is missing, damaged or of another kind, or there is no such device.
        """
        if Path(path).suffix == ONNX_SUFFIX:
            # It takes a while to import; whoever brings another backend does not need it.
            from pixelization.backends.onnx import onnx_backend  # noqa: PLC0415

            backend_name("auto", device, str(path))  # it runs on the CPU only
            return cls(onnx_backend(path))
        optional_module("torch", "train")
        # Torch takes seconds to import; whoever brings another backend does not need it.
        from pixelization.backends.torch import torch_backend  # noqa: PLC0415
        from pixelization.networks.weights import load_weights  # noqa: PLC0415

        networks, _ = load_weights(path)
        return cls(torch_backend(networks, device))

    def pixelize(
        self,
        source: Source | Frames,
        style: Style | None = None,
        *,
        sheet: Tiles | None = None,
        fps: float | None = None,
        **options: Any,
    ) -> Finished:
        """Make sprites of a picture: what the command ``pixelize`` gives.

        Args:
            source: an image or an animation, see
                :func:`~pixelization.pipeline.pictures.open_picture`.
            style: how the sprites should look.
            sheet: the image is a sheet: (width, height) of its tiles, their boxes, or ``"auto"``.
            fps: frames per second; replaces the durations of an animation in a file.
            options: fields of the style, such as ``size=48`` or ``palette="pico-8"``; also as the
                command takes them.

        Raises:
            UserError: the source cannot be read, or an option is wrong.
        """
        return make_sprites(self.networks, source, style, sheet=sheet, fps=fps, **options)

    def networks(
        self,
        image: Source,
        *,
        cell_size: CellSize | None = None,
        size: WantedSize | None = None,
    ) -> NetworkResult:
        """Make a sprite of one image by the networks alone, without any style.

        Arguments and errors as of
        :func:`~pixelization.reducers.networks.reduce_by_networks`.
        """
        return reduce_by_networks(self.backend, image, cell_size=cell_size, size=size)

    def depixelize(
        self,
        source: Source | Frames,
        *,
        method: str = NETWORK,
        factor: float = DEFAULT_FACTOR,
        size: tuple[int, int | None] | int | str | None = None,
        cell_size: CellSize | str | None = None,
        native: bool = False,
        keep_colors: bool = False,
        alpha: str = "hard",
        wrap: bool = False,
        sheet: Tiles | None = None,
        fps: float | None = None,
        min_confidence: float = SURE,
    ) -> Finished:
        """Make smooth images of pixel art: what the command ``depixelize`` gives.

        Args:
            source: pixel art, enlarged or not, see :meth:`pixelize`.
            method: ``"depixelnet"``, or a classical one: ``"epx"``, ``"hqx"``, ``"xbr"``,
                ``"bicubic"``, ``"nearest"``.
            factor: pixels of the result per cell, 2 to 16, fractions allowed.
            size: instead, (width, height) of the result in pixels; a height of None, or the width
                alone, keeps the aspect ratio.
            cell_size: pixels of the source per cell, or (width, height), at least 1; default: as
                detected.
            native: the source has one pixel per cell.
            keep_colors: draw the mean colour of every cell to the sprite's (DepixelNet only);
                without, insides are smoother.
            alpha: ``"keep"``: cells that are half transparent all over stay so.
            wrap: the sprite, or every tile of a sheet, repeats: opposite sides fit each other.
            sheet, fps: as of :meth:`pixelize`.
            min_confidence: least confidence of a detected grid, 0 to 1; 0 takes the best guess.

        Raises:
            UnsureError: the grid was to be detected, and is not sure enough.
            UserError: the source cannot be read, or a number is out of range.
        """
        return depixelize(
            source,
            self.enlarge if method == NETWORK else method,
            factor=factor,
            size=size,
            cell_size=cell_size,
            native=native,
            keep_colors=draws_back(method, keep_colors),
            alpha=alpha,
            wrap=wrap,
            sheet=sheet,
            fps=fps,
            min_confidence=min_confidence,
        )
