"""The networks that a command line asks for. Imports torch."""

import os
from argparse import Namespace

import torch

from pixelization.networks.schema import DEFAULT_MODEL
from pixelization.pixelizer import Pixelizer


def load_pixelizer(args: Namespace) -> Pixelizer:
    """The networks that ``--model``, ``--weights`` and ``--device`` ask for.

    ``--jobs`` share the processors.
    """
    if args.jobs > 1:
        torch.set_num_threads(max(1, (os.cpu_count() or 1) // args.jobs))
    if args.weights:
        return Pixelizer.from_weights(args.weights, args.device)
    return Pixelizer.from_pretrained(args.model or DEFAULT_MODEL, args.device)
