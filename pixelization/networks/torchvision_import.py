"""Imports torchvision even where its compiled operators are missing.

timm, torchmetrics and pixeloe import it in turn.
"""

import torch


def import_torchvision() -> None:
    """Import torchvision; call this before timm, torchmetrics and pixeloe.

    A wheel without compiled operators, such as one that does not fit the installed torch, fails to
    import because its Python part refers to the operators ``nms`` and ``qnms``. Nothing here uses
    them, so it is enough to declare them.

    Raises:
        ModuleNotFoundError: torchvision is not installed.
    """
    try:
        import torchvision  # noqa: PLC0415 - an optional package
    except RuntimeError as error:
        if "torchvision::nms" not in str(error):
            raise
        torch.library.define(
            "torchvision::nms", "(Tensor dets, Tensor scores, float iou_threshold) -> Tensor"
        )
        torch.library.define(
            "torchvision::qnms", "(Tensor dets, Tensor scores, float iou_threshold) -> Tensor"
        )
        import torchvision  # noqa: F401, PLC0415 - for those that import it in turn
