"""Contact sheets: a row per image, a column per method."""

from PIL import Image, ImageDraw

from pixelization.evaluation.tables import Picture, Table
from pixelization.images.opening import open_image

TILE, CAPTION, MARGIN, BACKDROP = 192, 16, 6, "#e4e4e4"  # pixels
MAX_HEIGHT = 30_000  # pixels; viewers refuse much more


def contact_sheet(table: Table, show: int = 0) -> Image.Image:
    """Source and results side by side, cells as equal squares on grey.

    Args:
        table: with its pictures.
        show: rows, at most as many as fit; 0: all.
    """
    pictures = table.pictures[: show or None]
    zoom = max(max(1, round(TILE / max(picture.cells))) for picture in pictures)
    rows = [
        [
            _tile(caption, png, picture, zoom)
            for caption, png in (picture.given | picture.made).items()
        ]
        for picture in pictures
    ]
    width = max(sum(tile.width + MARGIN for tile in row) for row in rows) + MARGIN
    heights = [max(tile.height for tile in row) + MARGIN for row in rows]
    while len(heights) > 1 and sum(heights) > MAX_HEIGHT:
        heights.pop()
    sheet = Image.new("RGB", (width, sum(heights) + MARGIN), BACKDROP)
    top = MARGIN
    for row, height in zip(rows, heights, strict=False):  # those that fit
        left = MARGIN
        for tile in row:
            sheet.paste(tile, (left, top))
            left += tile.width + MARGIN
        top += height
    return sheet


def _tile(caption: str, png: bytes, picture: Picture, zoom: int) -> Image.Image:
    image = open_image(png, caption, ("PNG",)).convert("RGB")
    size = (picture.cells[0] * zoom, picture.cells[1] * zoom)
    has_cells = image.size == picture.cells
    image = image.resize(size, Image.Resampling.NEAREST if has_cells else Image.Resampling.LANCZOS)
    tile = Image.new("RGB", (size[0], size[1] + CAPTION), BACKDROP)
    ImageDraw.Draw(tile).text((1, 2), caption, fill="black")
    tile.paste(image, (0, CAPTION))
    return tile
