"""``python -m pixelization studio``: a page in the browser where pictures become sprites."""

import errno
import socket
import webbrowser
from argparse import Namespace
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from threading import Thread
from typing import TYPE_CHECKING

from pixelization.apps.cli.arguments import (
    ArgumentParser,
    add_network_arguments,
    add_style_arguments,
    argument,
    called,
    read_style,
    tool_parser,
    wanted_sizes,
)
from pixelization.apps.cli.openmp import wait_asleep
from pixelization.apps.cli.running import run_tool
from pixelization.backends.choice import (
    BESIDE,
    WEIGHTS_SUFFIXES,
    backend_name,
    check_model,
    onnx_file,
    onnx_models,
)
from pixelization.errors import UserError, advice, reason
from pixelization.files import read_whole
from pixelization.networks.shipped import DEFAULT_MODEL
from pixelization.optional import optional_module

if TYPE_CHECKING:
    from pixelization.pipeline.style import Style
    from pixelization.studio.workshop import Workshop

PORT = 8420
WAITING = 128  # connections that may wait
ABOUT = (
    "Open a page where pictures become sprites and every option answers at once. The options of "
    "style are what it begins with. Nothing leaves this machine."
)
EXAMPLES = """\
  python -m pixelization studio
  python -m pixelization studio drawing.png walk.gif --size 48 --palette pico-8
  python -m pixelization studio --no-browser --port 0
  python -m pixelization studio --host 0.0.0.0 --token swordfish"""


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command on ``argv`` (default: the command line); returns the exit code."""
    return run_tool("studio", lambda: _main(argv))


def _main(argv: Sequence[str] | None) -> int:
    args = _parser().parse_args(argv)
    uvicorn = optional_module("uvicorn", "studio")
    for package in ("fastapi", "cachetools"):
        optional_module(package, "studio")
    # now, so that --help does not wait for them
    from pixelization.studio.guard import is_loopback, policy_for  # noqa: PLC0415
    from pixelization.studio.server import build_app  # noqa: PLC0415

    wait_asleep()
    if wanted_sizes(args):
        raise UserError("the studio begins with one size: give --size one", option="size")
    style = read_style(args)
    workshop = _workshop(args)
    for path in args.image:
        _open(workshop, path)
    policy = policy_for(args.host, args.token)
    app = build_app(workshop, policy, _without_files(style), _model(args))
    listening = _listen(args.host, args.port)
    shown = args.host if is_loopback(args.host) else socket.gethostname()
    address = f"http://{f'[{shown}]' if ':' in shown else shown}:{listening.getsockname()[1]}/"
    # The part behind # stays in the browser: no log and no referrer has it.
    address += f"#token={policy.token}" if policy.token else ""
    print(address, flush=True)
    # torch takes seconds to import; meanwhile the page can be opened
    Thread(target=workshop.warm_up, args=[_model(args) or DEFAULT_MODEL], daemon=True).start()
    if not args.no_browser:
        webbrowser.open(address)
    config = uvicorn.Config(app, log_level="warning", timeout_graceful_shutdown=1)
    uvicorn.Server(config).run(sockets=[listening])
    return 0


def _parser() -> ArgumentParser:
    parser = tool_parser(called("studio"), ABOUT, EXAMPLES)
    parser.add_argument("image", nargs="*", type=Path, metavar="IMAGE", help="opened at once")
    server = parser.add_argument_group("server")
    server.add_argument(
        "--host",
        default="127.0.0.1",
        metavar="ADDRESS",
        help="where to listen (default: %(default)s: this machine only)",
    )
    server.add_argument(
        "--port",
        type=argument(_port),
        default=PORT,
        metavar="N",
        help="default: %(default)s; 0 takes a free one",
    )
    server.add_argument(
        "--token",
        metavar="TEXT",
        help="what callers have to know (default: none on this machine, else one is made)",
    )
    server.add_argument(
        "--models",
        type=Path,
        metavar="FOLDER",
        help="weights files in it, as of train and export, can be picked on the page, too",
    )
    server.add_argument("--no-browser", action="store_true", help="print the address only")
    add_network_arguments(parser)
    add_style_arguments(parser)
    return parser


def _port(text: str) -> int:
    if not (text.isascii() and text.isdecimal() and int(text[:6]) < 1 << 16 and len(text) < 6):
        raise ValueError(f"'{text}' is not a port: give 0 to 65535")
    return int(text)


def _workshop(args: Namespace) -> "Workshop":
    """Of the models that are shipped, and of a weights file."""
    from pixelization.studio.workshop import Workshop  # noqa: PLC0415 - the package is optional

    models = _models(args) | (_own_models(args.models) if args.models else {})
    if args.model and args.model not in models:
        check_model(args.model)
        raise UserError(f"no model '{args.model}'; {advice(args.model, models)}")
    if args.weights:
        if backend_name(args.backend, args.device, str(args.weights)) == "onnx":
            onnx_file(str(args.weights))  # says so if only torch runs it
        models[args.weights.name] = args.weights
    workshop = Workshop(models, args.device)
    if args.weights:
        workshop.load(args.weights.name)  # now: what is wrong with it is said here
    return workshop


def _open(workshop: "Workshop", path: Path) -> None:
    """Have a picture open on every page, where it is called by its name without the folder."""
    data = read_whole(path)
    try:
        workshop.pictures.add(data, path.name)
    except UserError as error:
        raise UserError(f"{path}: {str(error).removeprefix(f'{path.name}: ')}") from None


def _models(args: Namespace) -> dict[str, Path]:
    """The models that are shipped for the backend that runs them, by their names."""
    if backend_name(args.backend, args.device) == "onnx":
        return onnx_models()
    from pixelization.networks.weights import pretrained_models  # noqa: PLC0415 - torch

    return pretrained_models()


def _own_models(folder: Path) -> dict[str, Path]:
    """The weights files in a folder and below it, by their names in it."""
    if not folder.is_dir():
        raise UserError(f"{folder}: no such folder", option="models")
    found = {
        path.relative_to(folder).as_posix(): path
        for suffix in WEIGHTS_SUFFIXES
        for path in folder.rglob(f"*{suffix}")
        if not path.name.endswith(BESIDE)
    }
    if not found:
        kinds = ", ".join(f"*{suffix}" for suffix in WEIGHTS_SUFFIXES)
        raise UserError(f"{folder}: has no weights files ({kinds}): give a folder of runs")
    return dict(sorted(found.items()))


def _model(args: Namespace) -> str | None:
    return args.weights.name if args.weights else args.model


def _without_files(style: "Style") -> "Style":
    """The style with the colours of its palette, which a page may not name by a file."""
    from pixelization.palettes.classics import classic_name  # noqa: PLC0415 - Pillow
    from pixelization.palettes.lookup import find_palette  # noqa: PLC0415 - Pillow

    if not isinstance(style.palette, str | Path) or classic_name(str(style.palette)):
        return style
    return replace(style, palette=find_palette(str(style.palette)))


def _listen(host: str, port: int) -> socket.socket:
    """A socket that listens.

    Raises:
        UserError: the port is taken, or the host is none of this machine.
    """
    try:
        family, kind, protocol, _, place = socket.getaddrinfo(
            host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
        listening = socket.socket(family, kind, protocol)
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.bind(place)
        listening.listen(WAITING)  # now: whoever reads the address may ask at once
    except (OSError, UnicodeError) as error:  # the latter for what can be no name
        of_port = isinstance(error, OSError) and error.errno in (errno.EADDRINUSE, errno.EACCES)
        raise UserError(
            f"cannot listen at {host}:{port} ({reason(error)}): "
            f"give another {'--port' if of_port else '--host'}"
        ) from None
    return listening
