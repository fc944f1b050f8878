"""What the nodes do: tensors of ComfyUI to the library's arrays, and back.

IMAGE is float ``(B, H, W, 3 or 4)`` in [0, 1]. MASK is float ``(B, H, W)`` or ``(H, W)``, 1 where
nothing is seen: 1 minus alpha, as ComfyUI loads it.
"""

from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:  # nothing heavy is imported before a node runs
    import numpy as np
    from torch import Tensor

    from pixelization import Finished, Pixelizer

LONGER, WIDTH = SIDES = ("longer side", "width")
FROM_IMAGE = "from image"
SWATCH = 16  # pixels of a side of a colour's square


def pixelize(
    image: "Tensor",
    size: int,
    along: str,
    palette: str,
    colors: int,
    dither: str,
    remove_background: bool,
    isolated: bool,
    jaggies: bool,
    outline: str,
    animation: bool,
    model: str,
    mask: "Tensor | None" = None,
    offset_right: float = 0.0,
    offset_down: float = 0.0,
    symmetric: bool = False,
) -> tuple["Tensor", "Tensor"]:
    """What ``pixelize`` makes of a batch: IMAGE and MASK of one pixel per cell.

    Raises:
        UserError: options that exclude each other, or do not fit the image.
    """
    options = {
        "size": f"max:{size}" if along == LONGER else str(size),
        **_colors(palette, colors, dither),
        "remove_background": remove_background,
        "isolated": isolated,
        "jaggies": jaggies,
        "outline": outline,
        "offset": (offset_right, offset_down),
        "symmetric": symmetric,
    }
    make = _networks(model).pixelize
    return _each(lambda source: make(source, **options), image, mask, animation)


def snap(
    image: "Tensor",
    min_confidence: float,
    palette: str,
    colors: int,
    dither: str,
    animation: bool,
    mask: "Tensor | None" = None,
) -> tuple["Tensor", "Tensor"]:
    """What ``pixel-snap`` makes of a batch: IMAGE and MASK of one pixel per cell.

    Raises:
        UserError: no grid is sure enough, or those of a batch differ in size.
    """
    from pixelization import pixel_snap  # noqa: PLC0415 - heavy

    options = {"min_confidence": min_confidence, **_colors(palette, colors, dither)}
    return _each(lambda source: pixel_snap(source, **options), image, mask, animation)


def depixelize(
    image: "Tensor",
    factor: int,
    method: str,
    native: bool,
    animation: bool,
    model: str,
    mask: "Tensor | None" = None,
) -> tuple["Tensor", "Tensor"]:
    """What ``depixelize`` makes of a batch: IMAGE and MASK, smooth.

    Raises:
        UserError: no grid is sure enough, or those of a batch differ in size.
    """
    options = {"factor": factor, "method": method, "native": native}
    make = _networks(model).depixelize
    return _each(lambda source: make(source, **options), image, mask, animation)


def palette(
    name: str, colors: int, image: "Tensor | None" = None, mask: "Tensor | None" = None
) -> tuple[str, "Tensor"]:
    """A palette as the other nodes take it, ``"ff0000,00ff00"``, and squares of its colours.

    Raises:
        UserError: it is to be taken from an image, and there is none, or nothing of it is seen.
    """
    import torch  # noqa: PLC0415 - heavy

    from pixelization import (  # noqa: PLC0415 - heavy
        ColorHistogram,
        UserError,
        classic_palette,
        fit_palette,
    )

    if name != FROM_IMAGE:
        found = classic_palette(name)
    elif image is None:
        raise UserError("there is no image to take a palette from: connect one, or choose a name")
    else:
        histogram = ColorHistogram()
        for array in arrays(image, mask):
            histogram.add(array)
        if not len(histogram.counts):
            raise UserError("nothing of the image is seen: all of it is transparent")
        found = fit_palette(histogram, colors)
    row = torch.from_numpy(found.colors.copy()).float() / 255
    squares = row.repeat_interleave(SWATCH, dim=0).expand(SWATCH, -1, -1)
    return ",".join(found.hex()), squares[None].contiguous()


def arrays(image: "Tensor", mask: "Tensor | None" = None) -> list["np.ndarray"]:
    """The images of a batch, uint8 ``(H, W, 3)``, or ``(H, W, 4)`` if something is transparent.

    Args:
        image: IMAGE.
        mask: MASK; of another size it is resized, and one for all is taken for each. A mask that
            hides nothing counts as none, whatever its size: so ComfyUI loads opaque images.

    Raises:
        UserError: there are neither as many masks as images, nor one.
    """
    import torch  # noqa: PLC0415 - heavy

    from pixelization import UserError  # noqa: PLC0415 - heavy

    image = image.detach().cpu().float()
    if mask is not None and bool((mask > 0).any()):
        mask = mask.detach().cpu().float().reshape(-1, *mask.shape[-2:])
        if len(mask) not in (1, len(image)):
            raise UserError(f"{len(mask)} masks are not for {len(image)} images: give one, or each")
        if mask.shape[1:] != image.shape[1:3]:
            size = tuple(image.shape[1:3])
            mask = torch.nn.functional.interpolate(mask[:, None], size, mode="bilinear")[:, 0]
        alpha = (1 - mask).expand(len(image), -1, -1)
        image = torch.cat([image[..., :3], alpha[..., None]], dim=-1)
    return list((image.clamp(0, 1) * 255).round().to(torch.uint8).numpy())


def tensors(pictures: Sequence["np.ndarray"]) -> tuple["Tensor", "Tensor"]:
    """IMAGE and MASK of pictures, uint8 ``(h, w, 3)`` or ``(h, w, 4)``.

    Raises:
        UserError: they differ in size.
    """
    import numpy as np  # noqa: PLC0415 - heavy
    import torch  # noqa: PLC0415 - heavy

    from pixelization import UserError  # noqa: PLC0415 - heavy

    sizes = {picture.shape[:2] for picture in pictures}
    if len(sizes) > 1:
        named = ", ".join(f"{width}x{height}" for height, width in sorted(sizes))
        raise UserError(
            f"the results differ in size ({named}) and are no batch: "
            "do them one by one, or as an animation"
        )
    images = [torch.from_numpy(np.array(picture)).float() / 255 for picture in pictures]
    masks = [
        1 - image[..., 3] if image.shape[-1] == 4 else torch.zeros(image.shape[:2])
        for image in images
    ]
    return torch.stack([image[..., :3] for image in images]), torch.stack(masks)


def _each(
    make: Callable[[Any], "Finished"],
    image: "Tensor",
    mask: "Tensor | None",
    animation: bool,
) -> tuple["Tensor", "Tensor"]:
    """What is made of every image of a batch, or of all together."""
    sources = arrays(image, mask)
    if animation:
        return tensors(make(sources).frames)
    return tensors([make(source).frames[0] for source in sources])


def _colors(palette: str, colors: int, dither: str) -> dict[str, Any]:
    """The options of colours.

    A palette is a name or colours, never a file: a workflow that somebody sends reads none.

    Raises:
        UserError: there is no such palette.
    """
    from pixelization import CLASSICS, Palette, UserError, find_palette  # noqa: PLC0415 - heavy

    text, chosen = palette.strip(), None
    if text in CLASSICS:
        chosen = find_palette(text)
    elif text:
        try:
            chosen = Palette.from_hex([code.strip() for code in text.split(",")])
        except ValueError:
            raise UserError(
                f"palette {text[:40]!r}: is neither built in nor colours such as ff0000,00ff00"
            ) from None
    return {"palette": chosen, "colors": colors or None, "dither": dither}


@lru_cache(maxsize=1)  # those of the last model stay in memory
def _networks(model: str) -> "Pixelizer":
    from pixelization import Pixelizer  # noqa: PLC0415 - heavy

    return Pixelizer.from_pretrained(model)
