"""What ``depixelize`` does once its arguments are parsed: checked, and carried out."""

from argparse import Namespace
from collections.abc import Callable
from functools import partial

import numpy as np

from pixelization.apps.cli.inputs import (
    grid_file,
    networks_here,
    print_batch,
    print_plan,
    read_batch,
    shown_inside,
)
from pixelization.batch.options import OutputOptions, SmoothOptions
from pixelization.batch.smooth import smooth_sprites
from pixelization.enlargers.base import NETWORK, Enlarge, check_factor, draws_back
from pixelization.enlargers.scalers import classical_enlarger
from pixelization.errors import UserError
from pixelization.lazily import Lazily
from pixelization.pipeline.style import smooth_style
from pixelization.reducers.base import check_cell_size


def print_smooth(args: Namespace) -> int:
    """Make all smooth images and print what becomes of them; returns the exit code.

    Args:
        args: of ``depixelize``.

    Raises:
        UserError: options are out of range, or do not fit the inputs; or the one and only input
            failed.
    """
    output = OutputOptions(
        format=args.format,
        suffix=args.suffix,
        overwrite=args.overwrite,
        skip_existing=args.skip_existing,
        grid_file=grid_file(args, args.native),
    )
    batch = read_batch(args, output)
    if args.size and args.sheet:
        raise UserError("--size and --sheet exclude each other: give --factor")
    check_factor(args.factor)
    if args.cell_size is not None:
        check_cell_size(args.cell_size, minimum=1)
    if args.method != NETWORK:
        _check_no_network(args)
    style = smooth_style(args.cell_size, args.alpha, native=args.native)
    drawing = SmoothOptions(
        args.factor, args.size, draws_back(args.method, args.keep_colors), args.wrap
    )
    if batch.dry_run:
        return print_plan("depixelize", batch)
    enlarge = _network(args) if args.method == NETWORK else classical_enlarger(args.method)
    with shown_inside(enlarge, batch) as counted:
        results = smooth_sprites(
            batch.jobs, counted, style, drawing, batch.source, batch.output, engine=batch.engine
        )
        return print_batch("depixelize", batch, results)


def _check_no_network(args: Namespace) -> None:
    """Raise ``UserError`` if networks are asked for, which classical methods do not have."""
    given = {"model": None, "weights": None, "device": "auto", "backend": "auto"}
    for name, default in given.items():
        if getattr(args, name) != default:
            raise UserError(
                f"--{name} does nothing: --method {args.method} takes no network: leave one out"
            )


def _network(args: Namespace) -> Enlarge:
    """DepixelNet, which workers of other processes load for themselves."""
    loaded = Lazily(partial(_loaded, args))
    if networks_here(args):
        loaded()  # what may be wrong with a choice is said once, before any work
    return partial(_drawn, loaded)


def _drawn(
    network: Callable[[], Enlarge], cells: np.ndarray, factor: float
) -> tuple[np.ndarray, float]:
    return network()(cells, factor)


def _loaded(args: Namespace) -> Enlarge:
    from pixelization.apps.cli.networks import load_pixelizer  # noqa: PLC0415 - torch

    return load_pixelizer(args).enlarge
