"""What the tools that make sprites share.

``pixelize`` reduces images with networks, ``snap`` at the grid that it finds.
"""

from argparse import ArgumentParser, Namespace
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pixelization.apps.cli.arguments import add_style_arguments, argument, positive, read_style
from pixelization.apps.cli.running import in_order, run_jobs
from pixelization.batch.jobs import SUFFIXES, Job, plan_jobs
from pixelization.errors import UserError
from pixelization.files import check_free
from pixelization.pipeline.parsing import full_size, number
from pixelization.pipeline.style import Style

if TYPE_CHECKING:
    import numpy as np
    from PIL import Image

    from pixelization.batch.output import Timing
    from pixelization.pipeline.votes import Votes
    from pixelization.reducers.base import Reduce
    from pixelization.sheets.layout import Box


@dataclass(frozen=True)
class Reducer:
    """How the sprites of one job are made.

    Attributes:
        reduce: makes a sprite of an image.
        style: of the sprites: the one asked for, with what only the job's images can tell.
        report: further entries of the job's report.
    """

    reduce: "Reduce"
    style: Style
    report: dict[str, Any] = field(default_factory=dict)


FindReducer = Callable[[Job, Style], Reducer]


def add_sprite_arguments(parser: ArgumentParser) -> None:
    """The arguments that :func:`make_sprites` reads, besides those of every tool."""
    parser.add_argument(
        "--preview",
        type=argument(positive),
        metavar="N",
        help="also write the sprite N times as large, STEM_preview.png",
    )
    parser.add_argument(
        "--palette-out",
        type=Path,
        metavar="FILE",
        help="write the palette: .gpl, .pal, .hex, .txt, .act or .png",
    )
    parser.add_argument(
        "--shared-palette", action="store_true", help="one palette of --colors for all inputs"
    )
    parser.add_argument(
        "--indexed",
        action="store_true",
        help="PNG files with a colour table in the palette's order",
    )
    add_source_arguments(parser)
    add_style_arguments(parser)


def add_source_arguments(parser: ArgumentParser) -> None:
    """The arguments about animations and sheets, which :func:`vote` and :func:`tiles` read."""
    parser.add_argument(
        "--format",
        choices=[*SUFFIXES, "sequence"],
        help="of animations (default: that of the input)",
    )
    parser.add_argument(
        "--fps",
        type=argument(number),
        metavar="N",
        help="frames per second of the input (default: its own; 12 for images)",
    )
    parser.add_argument(
        "--sheet",
        type=argument(_sheet),
        metavar="WxH | auto",
        help="size of a sheet's tiles in pixels; auto: from its JSON",
    )


def plan(args: Namespace, **more: Any) -> list[Job]:
    """The jobs that the command line asks for.

    ``more`` are further arguments of :func:`~pixelization.batch.jobs.plan_jobs`.
    """
    try:
        how = {
            "recursive": args.recursive,
            "suffix": args.suffix,
            "format": args.format,
            "sheet": bool(args.sheet),
        }
        jobs = plan_jobs(args.input, args.output, **how, **more)
    except OSError as error:  # a name that is too long, or a folder that may not be entered
        raise UserError(f"{error.filename}: cannot be used ({error.strerror})") from None
    for name in ("format", "fps", "still", "hysteresis"):
        if getattr(args, name, None) is not None and not any(job.format for job in jobs):
            raise UserError(f"--{name} is for animations: no input can be read as one")
    return jobs


def make_sprites(
    prog: str,
    args: Namespace,
    open_reducers: Callable[[Style], FindReducer],
    *,
    network_output: bool = False,
) -> int:
    """Plan, check, and make all sprites that the command line asks for; returns the exit code.

    Args:
        prog: the tool's name.
        args: of :func:`add_sprite_arguments` and of every tool.
        open_reducers: called once, when all that can be checked without it is; what it returns
            tells for each job how its sprites are made.
        network_output: also write the ``network_output`` of stills.

    Raises:
        UserError: see the tools' help; or the one and only input failed.
    """
    style = read_style(args)

    def others(main: Path, format: str | None) -> dict[str, Path]:
        found = {}
        if network_output and format is None and not args.sheet:
            found["network"] = main.with_name(f"{main.stem}_network.png")
        if args.preview:
            found["preview"] = main.with_name(f"{main.stem}_preview{main.suffix}")
        return found

    jobs = plan(args, palette_out=args.palette_out, others=others)
    style = _checked(args, style, jobs)
    from pixelization.palettes.files import write_palette

    reducer_for = open_reducers(style)
    if args.shared_palette:
        style = _with_shared_palette(reducer_for, jobs, args, style)
    palette_out = args.palette_out
    if palette_out and len(jobs) > 1 and style.palette:
        write_palette(style.palette, palette_out, overwrite=args.overwrite)
        palette_out = None

    def process(job: Job) -> dict[str, Any]:
        return _process(reducer_for(job, style), job, args, palette_out)

    return run_jobs(
        prog,
        jobs,
        process,
        overwrite=args.overwrite,
        workers=args.jobs,
        as_json=args.json,
        quiet=args.quiet,
    )


def _checked(args: Namespace, style: Style, jobs: Sequence[Job]) -> Style:
    """The style with its palette read.

    Whatever cannot work is said before the networks are loaded.
    """
    from pixelization.palettes.files import check_writable
    from pixelization.palettes.lookup import find_palette

    has_palette = style.palette is not None or style.colors is not None
    if args.shared_palette and style.colors is None:
        raise UserError("--shared-palette needs --colors")
    if args.indexed and not has_palette:
        raise UserError("--indexed needs --palette or --colors")
    if args.indexed and not any(job.format in (None, "gif") for job in jobs):
        raise UserError(
            "--indexed does nothing: of animations, only GIF has a colour table: give --format gif"
        )
    if args.palette_out and not has_palette:
        raise UserError("--palette-out needs --palette or --colors")
    if args.palette_out and len(jobs) > 1 and style.colors is not None and not args.shared_palette:
        raise UserError(
            "--palette-out writes one palette, but every file has its own: give --shared-palette"
        )
    for flag, other, there in (
        ("--fit", "--colors", style.colors is not None),
        ("--dither-strength", "--dither", style.dither != "none"),
        ("--outline-color", "--outline", style.outline != "none"),
    ):
        # in a style file, it may wait for the other one
        if hasattr(args, flag[2:].replace("-", "_")) and not there:
            raise UserError(f"{flag} needs {other}")
    if args.palette_out:
        check_writable(args.palette_out, overwrite=args.overwrite)
    return (
        style if style.palette is None else replace(style, palette=find_palette(str(style.palette)))
    )


def _with_shared_palette(
    reducer_for: FindReducer, jobs: Sequence[Job], args: Namespace, style: Style
) -> Style:
    """The style with a palette fitted to all files.

    Their votes are made again later: there is no room for those of all.
    """
    from tqdm import tqdm

    from pixelization.palettes.extraction import ColorHistogram
    from pixelization.pipeline.sprites import choose_palette

    def counted(job: Job) -> ColorHistogram:
        try:
            return vote(reducer_for(job, style), job, args)[0].histogram
        # also one that nobody expected: it comes again in the file's turn, and is reported then
        except Exception:
            return ColorHistogram()

    histogram = ColorHistogram()
    for found in tqdm(
        in_order(jobs, counted, args.jobs),
        total=len(jobs),
        unit="file",
        desc="palette",
        disable=args.quiet,
    ):
        histogram.update(found)
    palette = choose_palette(style, histogram)
    return replace(style, palette=palette, colors=None) if palette else style


def vote(reducer: Reducer, job: Job, args: Namespace) -> tuple["Votes", "Timing | None"]:
    """Read a job's source and vote; for animations also their timing."""
    from pixelization.animation.reading import open_animation
    from pixelization.batch.output import Timing
    from pixelization.images.reading import read_image
    from pixelization.pipeline.votes import vote_animation, vote_image, vote_sheet

    reduce, style = reducer.reduce, reducer.style
    if job.format is None:
        image = read_image(job.source, job.name)
        if args.sheet:
            return vote_sheet(reduce, image, tiles(job, image.size, args.sheet), style), None
        return vote_image(reduce, image, style), None
    durations: list[float] = []

    def images() -> Iterator["Image.Image"]:
        for frame in reader:
            durations.append(frame.duration)
            yield frame.image

    with open_animation(job.source, name=job.name, fps=args.fps) as reader:
        votes = vote_animation(reduce, images(), style)
    return votes, Timing(durations, reader.plays)


def _process(
    reducer: Reducer, job: Job, args: Namespace, palette_out: Path | None
) -> dict[str, Any]:
    """Make and write everything of one input; returns the report on it."""
    from pixelization.batch.output import enlarged, write_sprites
    from pixelization.images.writing import write_png
    from pixelization.palettes.files import write_palette
    from pixelization.pipeline.finish import finish
    from pixelization.pipeline.sprites import choose_palette, count_colors
    from pixelization.sheets.atlas import write_json

    votes, timing = vote(reducer, job, args)
    done = finish(votes, reducer.style, choose_palette(reducer.style, votes.histogram))
    if palette_out and done.palette is None:
        raise UserError("has no colours, so there is no palette to write: leave out --palette-out")
    how = {
        "format": job.format,
        "timing": timing,
        "palette": done.palette,
        "indexed": args.indexed,
        "overwrite": args.overwrite,
    }
    preview = enlarged(done.frames, args.preview) if "preview" in job.outputs else None
    atlas = scaled_atlas(
        job, votes, args, votes.boxes, votes.cell_size, done.frames[0].shape[1::-1]
    )
    for path in job.files(len(done.frames)):
        check_free(path, args.overwrite)
    # The main output comes last: where it is, all of the others are.
    if palette_out:
        write_palette(done.palette, palette_out, overwrite=args.overwrite)
    if preview:
        write_sprites(preview, job.outputs["preview"], **how)
    if "network" in job.outputs:
        write_png(votes.result.network_output, job.outputs["network"], overwrite=args.overwrite)
    if atlas:
        write_json(atlas, job.outputs["atlas"], args.overwrite)
    warnings = [*done.remarks, *write_sprites(done.frames, job.outputs["main"], **how)]
    colors = {"palette": done.palette and done.palette.hex(), "colors": count_colors(done.frames)}
    return report_on(votes, done.frames, warnings) | colors | reducer.report


def report_on(
    votes: "Votes", frames: "Sequence[np.ndarray]", warnings: list[str]
) -> dict[str, Any]:
    """What the report on a job says of any result."""
    height, width = frames[0].shape[:2]
    return {
        "input_size": list(votes.source_size),
        "size": [width, height],
        "frames": len(frames),
        "cell_size": list(votes.cell_size),
        "warnings": warnings,
    }


def _sheet(text: str) -> tuple[int, int] | str:
    return text if text == "auto" else full_size(text)


def tiles(job: Job, sheet_size: tuple[int, int], sheet: tuple[int, int] | str) -> "Sequence[Box]":
    """The tiles of a sheet in pixels."""
    from pixelization.sheets.atlas import find_atlas, read_atlas
    from pixelization.sheets.layout import grid_tiles

    if sheet != "auto":
        return grid_tiles(sheet_size, sheet)
    path = find_atlas(job.source) if isinstance(job.source, Path) else None
    if path is None:
        raise UserError(
            f"{job.name}: has no JSON of Aseprite or TexturePacker beside it: give --sheet WxH"
        )
    atlas = read_atlas(path)
    atlas.check_fits(sheet_size)
    return atlas.boxes


def scaled_atlas(
    job: Job,
    votes: "Votes",
    args: Namespace,
    boxes: "Sequence[Box] | None",
    cell: tuple[float, float],
    size: tuple[int, int],
) -> dict[str, Any] | None:
    """The JSON to write for a job, None if there is none.

    Its tiles have moved to ``boxes``, on a sheet of ``size``, and a pixel was ``1 / cell`` before.
    """
    from pixelization.sheets.atlas import find_atlas, read_atlas

    if "atlas" not in job.outputs:
        return None
    atlas = read_atlas(find_atlas(job.source))
    atlas.check_fits(votes.source_size)
    return atlas.scaled(
        tiles(job, votes.source_size, args.sheet), boxes, cell, size, job.outputs["main"].name
    )
