"""A batch of pairs, as a pure function of a seed: every step of the package's text, in order."""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor

from pixelization.networks.lattice import SAMPLES, divided, to_lattice
from pixelization.training.data.artist_pairs import (
    damage,
    deform,
    details,
    resample,
    scenes,
    shading,
    shapes,
    strokes,
    thinning,
)
from pixelization.training.data.artist_pairs.sprites import Sprite, SpriteSet


class PairBatch(NamedTuple):
    """Pairs, cut to the same cells.

    Attributes:
        lattice: the drawings, RGBA ``(B, 4, 8 n, 8 n)`` in [-1, 1].
        cell_size: pixels per cell that they had, ``(B,)``.
        target: the artists' sprites, RGBA ``(B, 4, n, n)`` in [-1, 1].
        smooth: the drawings as they should be drawn from the sprites: on the grid, undamaged, with
            all strokes a cell wide, RGBA ``(B, 4, 8 n, 8 n)`` in [-1, 1].
    """

    lattice: Tensor
    cell_size: Tensor
    target: Tensor
    smooth: Tensor


class Drawn(NamedTuple):
    """Pairs before a network looks at them.

    Attributes:
        pictures: the drawings, RGBA ``(4, S, S)`` in [-1, 1], each of its own size.
        cell_size: pixels per cell that they have, or had before they were reduced to 8, ``(B,)``.
        target: the whole sprites, RGBA ``(B, 4, n, n)`` in [-1, 1].
        smooth: see :class:`PairBatch`; of the whole sprites.
    """

    pictures: list[Tensor]
    cell_size: Tensor
    target: Tensor
    smooth: Tensor


@dataclass(frozen=True)
class PairOptions:
    """How pairs are drawn. Chances are those of a drawing; lengths are in cells.

    Attributes:
        cells: side of the canvas.
        margin: cells that are cut off on every side, where the borders of the canvas show.
        plain: chance of a drawing that lies on the grid and is not deformed.
        amplitude, shift: largest local and common displacement.
        difficulty: from 0 to 1, multiplies displacements and damage: a ramp for the first steps.
        roughness: multiplies how often there is texture, and how strong texture and noise are.
        strokes: chance of thin strokes over a scene, in colours that its ground shows.
        thinning: chances that strokes of one cell lose 0, 1, 2, 3 of 8 pixels on each side, or all
            but one.
        ground: of ``scenes.GROUNDS`` or ``scenes.DARK``, on which all sprites stand; None: each of
            the former in its turn.
        recolor: change the colours of the artists' sprites.
        extras: light, texture, details finer than a cell, noise and JPEG, as drawings have them.
        cell_sizes: pixels per side of a cell, each as often as it stands here.
    """

    cells: int = 28
    margin: int = 2
    plain: float = 0.08
    amplitude: float = 0.42
    shift: float = 0.25
    difficulty: float = 1.0
    roughness: float = 1.0
    strokes: float = 0.25
    thinning: tuple[float, ...] = (0.22, 0.24, 0.25, 0.18, 0.11)
    ground: str | None = None
    recolor: bool = True
    extras: bool = True
    cell_sizes: tuple[float, ...] = resample.CELL_SIZES


class PairMaker:
    """Makes pairs of the sprites of a set."""

    def __init__(self, sprites: SpriteSet, options: PairOptions = PairOptions()) -> None:
        self.sprites, self.options = sprites, options

    @torch.no_grad()
    def batch(self, size: int, seed: tuple[int, ...]) -> PairBatch:
        """``size`` pairs, as a network takes them; the same seed gives the same pairs."""
        options, drawn = self.options, self.drawn(size, seed)
        grid = (options.cells, options.cells)
        lattice = torch.cat([to_lattice(picture.unsqueeze(0), grid) for picture in drawn.pictures])
        cells = slice(options.margin, options.cells - options.margin)
        samples = slice(options.margin * SAMPLES, (options.cells - options.margin) * SAMPLES)
        return PairBatch(
            lattice[..., samples, samples].contiguous(),
            drawn.cell_size,
            drawn.target[..., cells, cells].contiguous(),
            drawn.smooth[..., samples, samples].contiguous(),
        )

    @torch.no_grad()
    def drawn(self, size: int, seed: tuple[int, ...]) -> Drawn:
        """``size`` pairs as pictures and sprites, nothing cut off.

        The same that :meth:`batch` gives for this seed.
        """
        rng, generator = _randomness(seed)
        options = self.options
        made = [
            scenes.compose(
                self.sprites, options.cells, rng, options.ground, recolor=options.recolor
            )
            for _ in range(size)
        ]
        return self._drawn(made, rng, generator)

    @torch.no_grad()
    def drawn_of(self, made: list[Sprite], seed: tuple[int, ...]) -> Drawn:
        """As :meth:`drawn`, of given scenes of ``options.cells`` x ``options.cells`` cells."""
        rng, generator = _randomness(seed)
        return self._drawn(made, rng, generator)

    def _drawn(
        self, made: list[Sprite], rng: np.random.Generator, generator: torch.Generator
    ) -> Drawn:
        options, size = self.options, len(made)
        labels = torch.from_numpy(np.stack([scene.labels for scene in made]))
        colors, extra = _palettes(made, rng)
        plain = torch.from_numpy(rng.random(size) < options.plain)

        whole, fine = self._shapes(labels, colors, plain, rng)
        thin: list[list[strokes.Stroke]] = [[] for _ in made]
        for index, scene in enumerate(made):
            if plain[index] or not options.extras:
                continue
            details.detailed(fine[index].numpy(), scene.labels, extra[index], rng)
            if rng.random() < options.strokes:
                seen = strokes.visible(extra[index], labels[index].numpy(), colors[index].numpy())
                thin[index] = strokes.random_strokes(options.cells, seen, rng)
                strokes.paint_pixels(fine[index].numpy(), thin[index])

        slopes = _slopes(colors.shape[1], size, rng) * options.extras
        drawing = self._painted(fine, colors, slopes, rng, generator)
        amplitude, shift = (
            torch.from_numpy(rng.random(size) ** 0.7 * most * options.difficulty).float() * ~plain
            for most in (options.amplitude, options.shift)
        )
        # frames stay straight in half of the drawings
        straight = [rng.random() < 0.5 and any(each.square for each in lines) for lines in thin]
        amplitude *= ~torch.tensor(straight)
        knots = int(rng.integers(4, 11))
        field = deform.displacement(fine.shape[-1], knots, amplitude, shift, generator)
        drawing = deform.warped(drawing, field, options.cells)
        for index, lines in enumerate(thin):
            # their cells are where they lie now: an answer that depends on what cannot be seen
            # teaches networks to leave out lines between two rows
            moved = strokes.displaced(lines, field[index].numpy())
            strokes.paint_cells(labels[index].numpy(), moved)
            wide = [stroke._replace(width=SAMPLES) for stroke in moved]
            strokes.paint_pixels(whole[index].numpy(), wide)
        smooth = divided(_colored(whole, colors, shading.shading(whole, slopes, options.cells)))
        sigma = torch.from_numpy(np.maximum(0, rng.uniform(-0.5, 0.9, size))).float() * ~plain
        drawing = damage.blurred(drawing, sigma)
        pictures, sizes = zip(
            *(self._reduced(image, rng, generator) for image in drawing), strict=True
        )
        cells = _colored(labels, colors, shading.shading(labels, slopes, options.cells))
        return Drawn(list(pictures), torch.tensor(sizes), cells, smooth)

    def _shapes(
        self, labels: Tensor, colors: Tensor, plain: Tensor, rng: np.random.Generator
    ) -> tuple[Tensor, Tensor]:
        """Smooth shapes, and the same with thin strokes: labels, int64 ``(B, 8 n, 8 n)``."""
        size = len(labels)
        light = shapes.luma(colors).gather(1, labels.flatten(1)).view(labels.shape)
        dark_thin, light_thin = shapes.thin_strokes(light, labels > 0)
        emphasis = torch.from_numpy(rng.uniform(0.1, 0.5, size)).float()[:, None, None]
        weights = 1 + emphasis * (dark_thin | light_thin)
        sharp = rng.random(size) < 0.15
        sigma = np.where(sharp, rng.uniform(0.1, 0.4, size), rng.uniform(0.42, 0.72, size))
        blur = torch.from_numpy(sigma).float().masked_fill(plain, 0.05)
        fine = whole = shapes.smooth(labels, weights, blur)
        for thin, sign, nothing in (
            (dark_thin, 1, shapes.LIGHT_NOTHING),
            (light_thin & ~dark_thin, -1, shapes.DARK_NOTHING),
        ):
            radius = torch.from_numpy(
                rng.choice(len(self.options.thinning), size, p=self.options.thinning)
            ).masked_fill(plain, 0)
            values = shapes.luma(colors).index_fill(1, torch.tensor([0]), nothing)
            values = sign * values.gather(1, fine.flatten(1)).view(fine.shape)
            fine = thinning.thinned(fine, values, thin, radius)
        return whole, fine

    def _painted(
        self,
        fine: Tensor,
        colors: Tensor,
        slopes: Tensor,
        rng: np.random.Generator,
        generator: torch.Generator,
    ) -> Tensor:
        """The drawings in colour, premultiplied RGBA ``(B, 4, S, S)``.

        Colours in [-1, 1], alpha too.
        """
        size, side = len(fine), fine.shape[-1]
        light = shading.shading(fine, slopes, self.options.cells)
        # Texture: noise, mostly longer one way, on about half of the colours.
        strength = (
            np.where(
                rng.random(size) < 0.3 * self.options.roughness, rng.uniform(0.01, 0.07, size), 0
            )
            * self.options.roughness
            * self.options.difficulty
            * self.options.extras
        )
        rough = (
            torch.from_numpy(rng.random((size, colors.shape[1])) < 0.5)
            .gather(1, fine.flatten(1))
            .view(fine.shape)
        )
        down, across = (int(rng.integers(side // 12, side // 2)) for _ in range(2))
        texture = shading.noise_field(size, side, (down, across), generator)
        light = light + texture * rough * torch.from_numpy(strength).float()[:, None, None]
        return _colored(fine, colors, light)

    def _reduced(
        self, image: Tensor, rng: np.random.Generator, generator: torch.Generator
    ) -> tuple[Tensor, float]:
        """A drawing at a resolution that people have, damaged, and its cell size."""
        cell_size = float(rng.choice(self.options.cell_sizes))
        side = round(self.options.cells * cell_size)
        picture = divided(resample.resampled(image, side, soft=rng.random() < 0.3).unsqueeze(0))[0]
        # What has eight pixels or more per cell looks the same to a network, however many they
        # were.
        seen = cell_size if cell_size < SAMPLES else float(rng.uniform(SAMPLES, 2 * SAMPLES))
        return self._damaged(picture, rng, generator), seen

    def _damaged(
        self, picture: Tensor, rng: np.random.Generator, generator: torch.Generator
    ) -> Tensor:
        """Noise, hard edges of alpha, JPEG.

        RGBA ``(4, S, S)`` in [-1, 1], as 8-bit files have it.
        """
        extras = self.options.extras
        if rng.random() < 0.3 and extras:
            amount = rng.uniform(0, 0.06) * self.options.difficulty * self.options.roughness
            noise = torch.randn(picture[:3].shape, generator=generator) * amount
            picture = torch.cat([picture[:3] + noise, picture[3:]])
        if rng.random() < 0.3:
            picture = torch.cat([picture[:3], picture[3:].sign()])
        picture = ((picture.clamp(-1, 1) + 1) * 127.5).round() / 255
        if rng.random() < 0.15 and extras and bool((picture[3] == 1).all()):
            picture = damage.jpeg(picture, int(rng.integers(40, 96)))
        return picture * 2 - 1


def _randomness(seed: tuple[int, ...]) -> tuple[np.random.Generator, torch.Generator]:
    """All that is random in some pairs, for numpy and for torch."""
    rng = np.random.default_rng(seed)
    return rng, torch.Generator().manual_seed(int(rng.integers(2**62)))


def _palettes(made: list[Sprite], rng: np.random.Generator) -> tuple[Tensor, list[list[int]]]:
    """Colours by label, ``(B, K, 3)`` in [0, 1], label 0 mid-grey.

    And for each drawing the labels of four extra ones.
    """
    count = max(len(scene.colors) for scene in made) + 5
    colors, extra = np.full((len(made), count, 3), 0.5), []
    for index, scene in enumerate(made):
        used = len(scene.colors)
        colors[index, 1 : used + 1] = scene.colors
        more = [
            np.ones(3),
            np.zeros(3),
            rng.random(3),
            np.clip(_any_color(scene, rng) + rng.normal(0, 0.15, 3), 0, 1),
        ]
        colors[index, used + 1 : used + 5] = more
        extra.append(list(range(used + 1, used + 5)))
    return torch.from_numpy(colors).float(), extra


def _any_color(scene: Sprite, rng: np.random.Generator) -> np.ndarray:
    """One of a scene's colours ``(3,)``; mid-grey of one in which all sprites ended up outside."""
    count = len(scene.colors)
    return scene.colors[rng.integers(count)] if count else np.full(3, 0.5)


def _slopes(count: int, size: int, rng: np.random.Generator) -> Tensor:
    """Slopes of light for every label, ``(B, K, 2)``.

    Of its own in some drawings, common to all in others.
    """
    own = (
        rng.normal(0, 0.25, (size, count, 2))
        * (rng.random((size, count, 1)) < 0.5)
        * (rng.random((size, 1, 1)) < 0.35)
    )
    common = rng.normal(0, 0.15, (size, 1, 2)) * (rng.random((size, 1, 1)) < 0.2)
    return torch.from_numpy(own + common).float()


def _colored(labels: Tensor, colors: Tensor, light: Tensor) -> Tensor:
    """Labels ``(B, h, w)`` in their colours under a light, premultiplied RGBA ``(B, 4, h, w)``.

    In [-1, 1]; mid-grey where nothing is.
    """
    painted = colors.gather(1, labels.flatten(1).unsqueeze(2).expand(-1, -1, 3))
    painted = (painted.view(*labels.shape, 3) + light.unsqueeze(-1)).clamp(0, 1) * 2 - 1
    there = (labels > 0).float().unsqueeze(1)
    return torch.cat([painted.permute(0, 3, 1, 2) * there, 2 * there - 1], dim=1)
