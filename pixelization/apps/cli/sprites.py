"""What the tools that make sprites share once their arguments are parsed.

``pixelize`` reduces images with networks, ``pixel-snap`` at the grid that it finds.
"""

import os
from argparse import Namespace
from dataclasses import replace
from pathlib import Path

from pixelization.animation.formats import WITH_COLOR_TABLE
from pixelization.apps.cli.arguments import read_style, wanted_sizes
from pixelization.apps.cli.inputs import Batch, grid_file, print_batch, read_batch, shown_inside
from pixelization.apps.cli.running import progress_bar
from pixelization.batch.options import OutputOptions
from pixelization.batch.sprites import share_palette, write_sprites
from pixelization.errors import UserError
from pixelization.palettes.files import check_writable
from pixelization.palettes.lookup import find_palette
from pixelization.pipeline.style import Style, check_on_sheet
from pixelization.pipeline.style_files import read_from
from pixelization.reducers.base import Reduce, check_cell_size


def read_sprite_batch(args: Namespace, *, minimum: float) -> tuple[Batch, Style]:
    """What a command line asks for, and the style of its sprites.

    Whatever cannot work is said here, before the networks are loaded.

    Args:
        args: of :func:`~pixelization.apps.cli.arguments.add_sprite_arguments`, and of all tools.
        minimum: pixels of the smallest cell.

    Raises:
        UserError: options are out of range, or do not fit each other or the inputs.
    """
    style = read_style(args)
    output = OutputOptions(
        format=args.format,
        suffix=args.suffix,
        overwrite=args.overwrite,
        skip_existing=args.skip_existing,
        preview=args.preview,
        network_output=getattr(args, "network_output", False),
        indexed=args.indexed,
        transparent_first=args.transparent_first,
        palette_file=args.palette_out,
        grid_file=grid_file(args, style.size is not None),
    )
    batch = read_batch(args, output, protected=_read_for(args, style), sizes=wanted_sizes(args))
    _check_colors(batch, style, shared=args.shared_palette)
    for flag, other, there in (
        ("fit", "--colors", style.colors is not None),
        ("match", "--palette or --colors", style.palette is not None or style.colors is not None),
        ("dither_strength", "--dither", style.dither != "none"),
        ("outline_color", "--outline", style.outline != "none"),
    ):
        # in a style file, it may wait for the other one
        if hasattr(args, flag) and not there:
            raise UserError(f"--{flag.replace('_', '-')} needs {other}")
    if hasattr(args, "match") and style.dither != "none":
        raise UserError("--match does nothing where colours are dithered: leave it or --dither out")
    if args.sheet is not None:
        check_on_sheet(style)
    if style.cell_size is not None:
        check_cell_size(style.cell_size, minimum)
    if output.palette_file:
        check_writable(output.palette_file, overwrite=output.overwrite or output.skip_existing)
    if style.palette is not None:
        style = replace(style, palette=find_palette(str(style.palette)))
    return batch, style


def print_sprites(
    prog: str, batch: Batch, style: Style, reduce: Reduce | None, *, shared: bool
) -> int:
    """Make all sprites and print what becomes of them; returns the exit code.

    Args:
        prog: the tool's name.
        batch, style: of :func:`read_sprite_batch`.
        reduce: makes a sprite of an image; None: snapping, at the grid of each input.
        shared: fit one palette to all inputs.

    Raises:
        UserError: the one and only input failed.
    """
    if reduce is None:  # snapping is fast
        return _print_sprites(prog, batch, style, None, shared=shared)
    with shown_inside(reduce, batch) as counted:
        return _print_sprites(prog, batch, style, counted, shared=shared)


def _print_sprites(
    prog: str, batch: Batch, style: Style, reduce: Reduce | None, *, shared: bool
) -> int:
    engine = batch.engine
    if shared:
        with progress_bar(len(batch.jobs), "file", hidden=batch.quiet, about="palette") as bar:
            style = share_palette(
                batch.jobs,
                reduce,
                style,
                batch.source,
                engine=engine,
                tick=bar.update,
            )
    results = write_sprites(batch.jobs, reduce, style, batch.source, batch.output, engine=engine)
    return print_batch(prog, batch, results)


def _read_for(args: Namespace, style: Style) -> list[Path]:
    """The files that a style is read from: style files, and the palette."""
    files = read_from(args.cfg) if args.cfg else []
    # os.path.isfile, unlike Path.is_file, takes a long list of colours for a missing file.
    if isinstance(style.palette, str | Path) and os.path.isfile(style.palette):
        files.append(Path(style.palette))
    return files


def _check_colors(batch: Batch, style: Style, *, shared: bool) -> None:
    """Raise ``UserError`` if what is asked of the palette cannot be."""
    output, jobs = batch.output, batch.jobs
    has_palette = style.palette is not None or style.colors is not None
    if shared and style.colors is None:
        raise UserError("--shared-palette needs --colors")
    if output.indexed and not has_palette:
        raise UserError("--indexed needs --palette or --colors")
    if output.indexed and not any(job.format in (None, *WITH_COLOR_TABLE) for job in jobs):
        raise UserError(
            "--indexed does nothing: of animations, only GIF and Aseprite files and sheets have a "
            "colour table: give --format gif, aseprite or sheet"
        )
    if output.transparent_first and not (
        output.indexed or any(job.format in WITH_COLOR_TABLE for job in jobs)
    ):
        raise UserError(
            "--transparent-first does nothing: only --indexed, GIF and Aseprite files, and sheets "
            "have a colour table"
        )
    if output.indexed and style.alpha == "keep":
        raise UserError("--indexed and --alpha keep exclude each other: a colour has one alpha")
    if output.network_output and style.wrap:
        raise UserError("--network-output and --wrap exclude each other: give one")
    if output.palette_file and not has_palette:
        raise UserError("--palette-out needs --palette or --colors")
    if output.palette_file and len(jobs) > 1 and style.colors is not None and not shared:
        raise UserError(
            "--palette-out writes one palette, but every file has its own: give --shared-palette"
        )
