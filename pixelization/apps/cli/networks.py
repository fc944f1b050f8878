"""The networks that a command line asks for. Imports the backend that runs them."""

import os
from argparse import Namespace

from pixelization.apps.cli.openmp import wait_asleep
from pixelization.backends.choice import backend_name, check_model, onnx_file
from pixelization.backends.threads import allowed_threads
from pixelization.networks.shipped import DEFAULT_MODEL
from pixelization.optional import optional_module
from pixelization.pixelizer import Pixelizer


def load_pixelizer(args: Namespace) -> Pixelizer:
    """The networks that ``--model``, ``--weights``, ``--device`` and ``--backend`` ask for.

    ``--jobs`` share the processors.
    """
    wait_asleep()
    # a worker of Ray has one processor
    processors = 1 if args.engine == "ray" else allowed_threads() or os.cpu_count() or 1
    threads = max(1, processors // (args.jobs or 1))
    if args.model:
        check_model(args.model)
    wanted = str(args.weights or args.model or DEFAULT_MODEL)
    if backend_name(args.backend, args.device, wanted) == "onnx":
        from pixelization.backends.onnx import onnx_backend  # noqa: PLC0415 - only where it runs

        return Pixelizer(onnx_backend(onnx_file(wanted), threads))
    if args.engine == "ray" or (args.jobs or 1) > 1:
        optional_module("torch", "train").set_num_threads(threads)
    if args.weights:
        return Pixelizer.from_weights(args.weights, args.device)
    return Pixelizer.from_pretrained(wanted, args.device, "torch")
