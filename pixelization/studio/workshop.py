"""Pictures and settings to results and files, by the calls that the commands make.

What networks and detection find is remembered, so that a change of palette, dithering, clean-up,
outline or canvas asks no network again. Knows no HTTP.
"""

import hashlib
import io
import zipfile
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from threading import Lock

import numpy as np
from PIL import Image

from pixelization.animation.formats import FOR_STILLS, NO_HALF_TRANSPARENCY, SUFFIXES
from pixelization.batch.jobs import Job
from pixelization.batch.options import OutputOptions, SourceOptions
from pixelization.batch.output import enlarged, source_layer, write_frames
from pixelization.batch.voting import Voted
from pixelization.cells.sizes import WantedSize
from pixelization.detection.geometry import GridDetection, UnsureError
from pixelization.enlargers.base import NETWORK, Enlarge, draws_back
from pixelization.enlargers.scalers import classical_enlarger
from pixelization.errors import UserError, advice
from pixelization.images.writing import png_bytes
from pixelization.json_text import format_json
from pixelization.limits import STUDIO_FRAMES, STUDIO_MEMORY
from pixelization.palettes.extraction import ColorHistogram
from pixelization.palettes.files import format_palette
from pixelization.palettes.palette import Palette
from pixelization.pipeline.advice import vote_advised
from pixelization.pipeline.finish import Finished, finish, for_format
from pixelization.pipeline.grids import Snapping, find_picture_grid, plan_snapping
from pixelization.pipeline.pictures import Picture, Sheet
from pixelization.pipeline.sprites import choose_palette, smooth
from pixelization.pipeline.style import Style
from pixelization.pipeline.votes import Votes
from pixelization.pipeline.voting import vote
from pixelization.pixelizer import Pixelizer
from pixelization.reducers.base import CellSize, Reduce, Reduced, check_cell_size
from pixelization.studio.edits import Edit, edited
from pixelization.studio.memory import Memory, content_key, remembered
from pixelization.studio.pictures import Pictures, Unknown, Upload
from pixelization.studio.settings import FileOptions, Settings, output_name

MIME = {
    ".png": "image/png",
    ".gif": "image/gif",
    ".webp": "image/webp",
    ".mp4": "video/mp4",
    ".webm": "video/webm",
    ".zip": "application/zip",
    ".json": "application/json",
}
OWN = "own"  # of a batch: every animation keeps its format
PLAIN = "application/octet-stream"
Tick = Callable[[], None]
"""Called before every frame, tile or picture; whoever wants to stop raises."""


class Stopped(Exception):
    """Nobody waits for the result any more."""


@dataclass(frozen=True)
class File:
    """A file for the user.

    Attributes:
        name: without a folder.
        data: its bytes.
        remarks: what its format could not keep.
    """

    name: str
    data: bytes
    remarks: tuple[str, ...] = ()

    @property
    def mime(self) -> str:
        """Its media type."""
        return MIME.get(Path(self.name).suffix, PLAIN)


class Workshop:
    """Makes results of pictures, for any number of threads.

    Args:
        models: the file of weights of every model, by the name that a page calls it.
        device: ``"auto"``, ``"cpu"`` or ``"cuda"``.

    Attributes:
        pictures: what was handed in.
        models: as given.
    """

    def __init__(self, models: Mapping[str, Path], device: str = "auto") -> None:
        limit = STUDIO_MEMORY.value
        self.pictures = Pictures(limit // 2, limit // 4)
        self.models = dict(models)
        self._device = device
        self._memory = Memory(limit // 4)
        self._pixelizers: dict[str, Pixelizer] = {}
        self._running = Lock()  # the networks use all processors: one at a time

    def make(
        self,
        upload: Upload,
        settings: Settings,
        edits: Sequence[Edit] = (),
        *,
        format: str | None = None,
        tick: Tick = lambda: None,
    ) -> Finished:
        """The result of a picture, as the commands make it, with the cells that were painted.

        Args:
            upload: the picture.
            settings: what becomes of it.
            edits: of the finished sprite.
            format: of the animation that is written; None: for the screen, or a still.
            tick: called before every frame or tile.

        Raises:
            UnsureError: no grid is sure enough.
            UserError: the settings do not fit the picture, or each other.
        """
        return self._made(upload, settings, edits, format=format, tick=tick)[0]

    def grid(self, upload: Upload, cell_size: CellSize | None = None) -> GridDetection:
        """The grid that a picture shows, however unsure."""
        with self.pictures.open(upload) as picture:
            return self._grid(upload, picture, cell_size, 0.0)

    def palette_of(self, upload: Upload, colors: int | str) -> Palette:
        """Colours taken from a whole picture, from the first frame of an animation.

        Args:
            upload: the picture.
            colors: how many, 1 to 256, or ``"auto"``.
        """
        histogram = ColorHistogram()
        histogram.add(np.asarray(self.pictures.frame(upload)))
        palette = choose_palette(Style(colors=colors), histogram)
        if palette is None:
            raise UserError(f"{upload.name}: has no opaque pixel, so no colours")
        return palette

    def shared_palette(
        self, uploads: Sequence[Upload], settings: Settings, *, tick: Tick = lambda: None
    ) -> Palette:
        """One palette for several pictures, of as many colours as the style says.

        Pictures of which nothing can be made do not count.

        Raises:
            UserError: the style has no number of colours, or no picture has any.
        """
        if settings.style.colors is None or settings.tool == "depixelize":
            raise UserError("one palette for all needs a number of colours of sprites: give colors")
        histogram = ColorHistogram()
        for upload in uploads:
            counted = self._counted(upload, settings, tick)
            try:
                voted = self._sprites(upload, settings, upload.format, counted)
            except UserError:
                continue
            histogram.update(voted.votes.histogram)
        if not len(histogram.colors):
            raise UserError("no picture gives any colour: look at each with these settings")
        palette = choose_palette(settings.style, histogram)
        assert palette is not None  # there is a number of colours
        return palette

    def file(
        self,
        upload: Upload,
        settings: Settings,
        options: FileOptions = FileOptions(),
        edits: Sequence[Edit] = (),
        *,
        tick: Tick = lambda: None,
    ) -> File:
        """The file of a result, byte for byte what the command writes.

        Raises:
            UserError: as of :meth:`make`, or the format cannot hold the result.
        """
        moving = upload.format is not None and settings.source.sheet is None
        format = options.format if moving or options.format in FOR_STILLS else None
        if format is None and options.format != "png":
            raise UserError(f"{upload.name} does not move: its results are PNG files")
        done, voted = self._made(upload, settings, edits, format=format, tick=tick)
        if options.indexed and done.palette is None:
            raise UserError("a colour table needs a palette, or a number of colours")
        if options.indexed and settings.style.alpha == "keep":
            raise UserError("a colour has one alpha: leave out the colour table, or keep no alpha")
        frames = enlarged(done.frames, options.scale) if options.scale > 1 else done.frames
        stream = io.BytesIO()
        written = OutputOptions(indexed=options.indexed)
        job = Job(upload.data, upload.name, {"main": stream}, format)
        layer, lost = source_layer(job, voted, done, written) if options.scale == 1 else (None, [])
        remarks = lost + write_frames(frames, stream, format, done, written, layer)
        suffix = SUFFIXES[options.format]
        name = output_name(upload.name, settings, suffix)
        if options.scale > 1:
            name = f"{Path(name).stem}_preview{suffix}"
        return File(name, stream.getvalue(), (*done.remarks, *remarks))

    def palette_file(
        self,
        upload: Upload,
        settings: Settings,
        suffix: str,
        edits: Sequence[Edit] = (),
    ) -> File:
        """The palette of a result; where it has none, the colours that it shows.

        Raises:
            UserError: there are too many for a palette, or the format is unknown.
        """
        done = self.make(upload, settings, edits)
        palette = done.palette
        if palette is None:
            shown = ColorHistogram()
            for frame in done.frames:
                shown.add(frame)
            palette = Palette(shown.colors.round().astype(np.uint8))
        stem = Path(upload.name).stem
        return File(f"{stem}{suffix}", format_palette(palette, f"{stem}{suffix}"))

    def sheet_file(self, upload: Upload, settings: Settings, image: str) -> File:
        """The JSON of a result that is a sheet, as the commands write it beside the result.

        Args:
            upload: the picture.
            settings: what becomes of it.
            image: name of the result's file.

        Raises:
            UserError: the picture has none, or is not taken for a sheet.
        """
        if upload.description is None or settings.source.sheet is None:
            raise UserError(f"{upload.name}: hand in the JSON of its tiles first, and take them")
        done = self.make(upload, settings)
        with self.pictures.open(upload, sheet=settings.source.sheet) as picture:
            boxes = picture.boxes if isinstance(picture, Sheet) else ()
        if done.boxes is None:
            raise UserError(f"{upload.name}: its result is no sheet")
        height, width = done.frames[0].shape[:2]
        atlas = upload.description.atlas
        scaled = atlas.scaled(boxes, done.boxes, done.cell_size, (width, height), image)
        return File(f"{Path(image).stem}.json", format_json(scaled).encode())

    def batch(
        self,
        keys: Iterable[str],
        settings: Settings,
        options: FileOptions = FileOptions(),
        *,
        tick: Tick = lambda: None,
    ) -> File:
        """A zip of the results of several pictures; what failed is told in ``failed.txt``."""
        stream, failed, names = io.BytesIO(), [], set[str]()
        uploads = []  # now: the room that results need may be theirs
        for key in keys:
            try:
                uploads.append(self.pictures.get(key))
            except Unknown as error:
                failed.append(f"{key}: {error}")
        with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
            for upload in uploads:
                tick()
                own = upload.format if settings.source.sheet is None else None
                format = options.format if upload.format and options.format != OWN else own
                fitting = replace(options, format=format or "png")
                try:
                    file = self.file(upload, settings, fitting, tick=tick)
                    name = _free(file.name, names)
                    if settings.source.sheet is not None and upload.description:
                        # the JSON is of the sprite, also where the file is its preview
                        own_name = output_name(upload.name, settings, SUFFIXES[fitting.format])
                        image = name if options.scale == 1 else own_name
                        beside = self.sheet_file(upload, settings, image)
                        archive.writestr(_free(beside.name, names), beside.data)
                except UserError as error:
                    failed.append(f"{upload.name}: {error}")
                else:
                    archive.writestr(name, file.data)
            if failed:
                archive.writestr("failed.txt", "\n".join([*failed, ""]))
        return File("sprites.zip", stream.getvalue(), tuple(failed))

    def _made(
        self,
        upload: Upload,
        settings: Settings,
        edits: Sequence[Edit],
        *,
        format: str | None,
        tick: Tick,
    ) -> tuple[Finished, Voted]:
        """The result as of :meth:`make`, and what it was made of."""
        counted = self._counted(upload, settings, tick)
        style = settings.style
        if settings.tool == "depixelize":
            voted = self._snapped(upload, settings.source, style, counted, hard=True)
            done = self._smoothed(voted.votes, settings, counted)
        else:
            voted = self._sprites(upload, settings, format, counted)
            done = finish(voted.votes, style, self._palette(style, voted.votes.histogram))
        done = edited(done, edits)
        frames, lost = for_format(done.frames, format)
        return replace(done, frames=frames, remarks=(*done.remarks, *lost)), voted

    def _palette(self, style: Style, histogram: ColorHistogram) -> Palette | None:
        """The palette of a style; one that is fitted is fitted to the same colours once."""
        if style.colors is None or not len(histogram.colors):
            return choose_palette(style, histogram)
        digest = hashlib.blake2b(histogram.colors.tobytes(), digest_size=16)
        digest.update(histogram.counts.tobytes())
        key = ("palette", digest.digest(), style.colors)
        return remembered(self._memory, key, lambda: choose_palette(style, histogram))

    def _counted(self, upload: Upload, settings: Settings, tick: Tick) -> Tick:
        """A tick that counts; ``UserError`` if there is no such model."""
        if settings.model not in self.models:
            raise UserError(f"no model '{settings.model}'; {advice(settings.model, self.models)}")
        return _Counted(tick, upload.name)

    def _sprites(self, upload: Upload, settings: Settings, format: str | None, tick: Tick) -> Voted:
        """One pixel per cell, by the networks or at the grid."""
        if settings.tool == "pixelize":
            return Voted(self._voted(upload, settings, tick), settings.style)
        hard = format in NO_HALF_TRANSPARENCY
        return self._snapped(upload, settings.source, settings.style, tick, hard=hard)

    def load(self, model: str) -> None:
        """Load the networks of a model now; ``UserError`` if its weights cannot be used."""
        with self._running:
            self._pixelizer(model)

    def warm_up(self, model: str) -> None:
        """Load the networks of a model and what else comes late, so that nobody waits for it.

        A small picture, which is kept nowhere, is made into sprites in all ways: the libraries of
        clean-up, palettes and grids take seconds to import.
        """
        self.load(model)
        shape = np.add.outer(np.arange(24), np.arange(24))[..., None] * np.array([9, 5, 1])
        image = Image.fromarray((shape // 4 * 4 % 256).astype(np.uint8))
        small = Upload("", "", png_bytes(image), None, image.size, 1, ())
        style = Style(colors=4, dither="atkinson", isolated=True, remove_background=True)
        for tool in ("pixelize", "snap"):
            self.make(small, Settings(tool, model, style, SourceOptions(min_confidence=0)))
        self.pictures.drop(small.key)

    def _voted(self, upload: Upload, settings: Settings, tick: Tick) -> Votes:
        """The votes of the networks, which do not depend on what colours become of them."""
        asked = settings.style
        if asked.cell_size is not None:
            check_cell_size(asked.cell_size)
        style = replace(
            asked,
            palette=None,
            colors=None if asked.colors is None else "auto",
            dither=Style.dither,
            dither_strength=Style.dither_strength,
            outline=Style.outline,
            outline_color=None,
        )
        source = settings.source

        def reduced() -> Votes:
            with self.pictures.open(upload, sheet=source.sheet, fps=source.fps) as picture:
                return vote_advised(self._reduce(settings.model, tick), picture, style)

        return remembered(
            self._memory, ("votes", upload.content, settings.model, source, style), reduced
        )

    def _snapped(
        self, upload: Upload, source: SourceOptions, style: Style, tick: Tick, *, hard: bool
    ) -> Voted:
        """The votes at the grid, which is looked for once, as every picture is snapped once."""
        with self.pictures.open(upload, sheet=source.sheet, fps=source.fps) as picture:
            grid = None
            if style.size is None and not (source.sheet and style.cell_size is not None):
                grid = self._grid(upload, picture, style.cell_size, source.min_confidence)
            found = plan_snapping(
                picture, style, hard=hard, min_confidence=source.min_confidence, grid=grid
            )
            votes = vote(self._snap(found, grid, tick), picture, found.style, minimum=1)
            votes = replace(votes, remarks=found.remarks + votes.remarks)
            return Voted(votes, found.style, grid=found.grid)

    def _snap(self, plan: Snapping, grid: GridDetection | None, tick: Tick) -> Reduce:
        """Snapping that looks at the same picture and the same cells once."""

        def snap(
            image: Image.Image, *, cell_size: CellSize | None, size: WantedSize | None
        ) -> Reduced:
            tick()
            key = ("snapped", content_key(image), grid, plan.hard, cell_size, size)
            return remembered(
                self._memory, key, lambda: plan.reduce(image, cell_size=cell_size, size=size)
            )

        return snap

    def _smoothed(self, votes: Votes, settings: Settings, tick: Tick) -> Finished:
        drawing = settings.drawing
        return smooth(
            votes,
            self._enlarge(settings.model, settings.method, tick),
            factor=drawing.factor,
            size=drawing.size,
            keep_colors=draws_back(settings.method, drawing.keep_colors),
            keep_alpha=settings.style.alpha == "keep",
            wrap=drawing.wrap,
        )

    def _grid(
        self, upload: Upload, picture: Picture, cell_size: CellSize | None, least: float
    ) -> GridDetection:
        """The grid of a picture; looking for it takes a moment, so it is remembered."""

        def look() -> GridDetection | UnsureError:
            try:
                return find_picture_grid(picture, cell_size, min_confidence=least)
            except UnsureError as error:
                return error

        found = remembered(self._memory, ("grid", upload.content, cell_size, least), look)
        if isinstance(found, UnsureError):
            raise UnsureError(str(found), found.grid)
        return found

    def _reduce(self, model: str, tick: Tick) -> Reduce:
        """The networks, which see the same picture at the same size once."""

        def reduce(
            image: Image.Image, *, cell_size: CellSize | None, size: WantedSize | None
        ) -> Reduced:
            tick()

            def run() -> Reduced:
                made = self._pixelizer(model).networks(image, cell_size=cell_size, size=size)
                # the networks' image may be large, and nobody here looks at it
                return replace(made, network_output=made.sprite)

            key = ("cells", model, content_key(image), cell_size, size)
            return remembered(self._memory, key, run, one_at_a_time=self._running)

        return reduce

    def _enlarge(self, model: str, method: str, tick: Tick) -> Enlarge:
        """An enlarger that draws the same sprite once."""

        def enlarge(sprite: np.ndarray, factor: float) -> tuple[np.ndarray, float]:
            tick()

            def run() -> tuple[np.ndarray, float]:
                draw = (
                    self._pixelizer(model).enlarge
                    if method == NETWORK
                    else classical_enlarger(method)
                )
                return draw(sprite, factor)

            shown = content_key(Image.fromarray(np.ascontiguousarray(sprite)))
            key = ("smooth", model if method == NETWORK else "", method, shown, factor)
            return remembered(self._memory, key, run, one_at_a_time=self._running)

        return enlarge

    def _pixelizer(self, model: str) -> Pixelizer:
        if model not in self._pixelizers:
            self._pixelizers[model] = Pixelizer.from_weights(self.models[model], self._device)
        return self._pixelizers[model]


class _Counted:
    """A tick that refuses more frames than the studio takes."""

    def __init__(self, tick: Tick, name: str) -> None:
        self.tick, self.name, self.count = tick, name, 0

    def __call__(self) -> None:
        self.count += 1
        STUDIO_FRAMES.check(self.count, self.name)
        self.tick()


def _free(name: str, taken: set[str]) -> str:
    """The name, with a number if it is taken."""
    path, number, free = Path(name), 2, name
    while free in taken:
        free, number = f"{path.stem}_{number}{path.suffix}", number + 1
    taken.add(free)
    return free
