"""Two sets of sprites compared by their patches.

Sliced Wasserstein distance and a classifier two-sample test.
"""

from collections.abc import Callable

import numpy as np
import torch
import torch.nn.functional as F
from scipy.stats import mannwhitneyu
from torch import nn

from pixelization.evaluation.metrics.sprites import BACKGROUND
from pixelization.networks.tensors import normalize

# Of the patch distance:
SIDE = 7  # of a patch, in pixels
FLAT = 24  # a patch whose channels vary by no more than this, of 255, has no drawing on it
PATCHES = 30_000  # of each set, at most
DIRECTIONS = 256
# Of the two-sample test:
LARGE_SIDE = 12  # of a patch
PATCHES_PER_SPRITE = 96  # so that large sprites do not outweigh small ones
FOREGROUND = 0.25  # least share of a patch that is not background
STEPS = 200  # of a training
HALF_BATCH = 64  # patches of each set in a step


def patch_distance(sprites: list[np.ndarray], real: list[np.ndarray]) -> float:
    """Sliced Wasserstein distance between the patches of two sets of sprites, times 1000.

    Patches have 7 x 7 pixels. Those without an edge are left out: there are many, and what is on
    them is noise. From each set 30,000 are drawn at random (seeded), fewer if one has fewer. They
    are normalised to mean 0 and deviation 1 per channel, so that contrast and palette count less
    than the arrangement of pixels. They are projected on 256 random directions.

    Args:
        sprites, real: uint8 ``(h, w, 3)`` each, of any sizes; they go on in white.

    Returns:
        At least 0; two halves of one set of a hundred sprites are about 25 apart.

    Raises:
        ValueError: a set has no patch that is not flat.

    Source: Karras et al. 2018, Sec. 5, at one scale: sprites have no finer or coarser ones.
    """
    rng = np.random.default_rng(0)
    first, second = (_uneven_patches(images) for images in (sprites, real))
    count = min(PATCHES, len(first), len(second))
    if count == 0:
        raise ValueError(f"no patch of {SIDE}x{SIDE} pixels that is not flat")
    directions = rng.normal(size=(SIDE * SIDE * 3, DIRECTIONS))
    directions /= np.linalg.norm(directions, axis=0)
    projected = []
    for drawn in (first, second):
        drawn = drawn[rng.permutation(len(drawn))[:count]].astype(float)
        drawn = (drawn - drawn.mean(axis=(0, 1), keepdims=True)) / drawn.std(
            axis=(0, 1), keepdims=True
        )
        projected.append(np.sort(drawn.reshape(count, -1) @ directions, axis=0))
    return float(1000 * np.abs(projected[0] - projected[1]).mean())


def two_sample_auc(sprites: list[np.ndarray], real: list[np.ndarray], *, seeds: int) -> float:
    """How well a small network tells the patches of two sets of sprites apart.

    The area under the ROC curve, for patches of 12 x 12 pixels.

    The network learns on patches of one half of each set and is tested on the other half, then the
    other way round, for ``seeds`` random halvings. The halves are of whole sprites: patches of one
    sprite would give each other away. Patches are mirrored at random and their channels permuted
    while it learns, so that the favourite colours of a set count less than its forms.

    Args:
        sprites, real: uint8 ``(h, w, 3)`` on white, of any sizes; they go on in white.
        seeds: trainings that the result is the mean of, each of them twofold.

    Returns:
        In [0, 1]; 0.5 cannot be told apart, 1 can always be told apart. Halvings and starts are the
        same for all calls, so that differences between methods are more exact than the value
        itself.

    Raises:
        ValueError: a set has fewer than two sprites with a drawing on them.

    Source: Lopez-Paz & Oquab 2017 (classifier two-sample tests).
    """
    areas = []
    for seed in range(seeds):
        rng = np.random.default_rng(seed)
        sets = [_drawn_patches(images, rng) for images in (sprites, real)]
        if min(map(len, sets)) < 2:
            raise ValueError("the two-sample test needs two sprites with a drawing in each set")
        folds = [[np.concatenate(images[half::2]) for images in sets] for half in (0, 1)]
        for train, test in (folds, folds[::-1]):
            logits = _classifier(train, seed)
            fake, genuine = (logits(patches) for patches in test)
            areas.append(mannwhitneyu(genuine, fake).statistic / (len(genuine) * len(fake)))
    return float(np.mean(areas))


def _classifier(train: list[np.ndarray], seed: int) -> Callable[[np.ndarray], np.ndarray]:
    """A network that learned fake, real = ``train``.

    Maps uint8 ``(n, 3, s, s)`` to logits ``(n,)``, higher if real.
    """
    rng = np.random.default_rng(seed)
    verdicts = torch.tensor([0.0, 1.0]).repeat_interleave(HALF_BATCH)
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        network = nn.Sequential(
            nn.Conv2d(3, 32, 3),
            nn.LeakyReLU(0.2),
            nn.Conv2d(32, 48, 3),
            nn.LeakyReLU(0.2),
            nn.MaxPool2d(2),
            nn.Conv2d(48, 64, 3),
            nn.LeakyReLU(0.2),
            nn.AdaptiveAvgPool2d(1),
            nn.Flatten(),
            nn.Dropout(0.3),
            nn.Linear(64, 1),
        )
        optimizer = torch.optim.AdamW(network.parameters(), lr=2e-3, weight_decay=1e-2)
        schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, 4e-3, total_steps=STEPS)
        for _ in range(STEPS):
            batch = np.concatenate(
                [patches[rng.integers(len(patches), size=HALF_BATCH)] for patches in train]
            )
            batch = batch[:, rng.permutation(3)]
            if rng.random() < 0.5:
                batch = batch[..., ::-1]
            optimizer.zero_grad()
            F.binary_cross_entropy_with_logits(
                network(_normalised(batch)).squeeze(1), verdicts
            ).backward()
            optimizer.step()
            schedule.step()
    network.eval()

    @torch.inference_mode()
    def logits(patches: np.ndarray) -> np.ndarray:
        return torch.cat(
            [network(_normalised(part)).squeeze(1) for part in np.array_split(patches, 8)]
        ).numpy()

    return logits


def _normalised(patches: np.ndarray) -> torch.Tensor:
    return normalize(torch.from_numpy(np.ascontiguousarray(patches)))


def _drawn_patches(images: list[np.ndarray], rng: np.random.Generator) -> list[np.ndarray]:
    """Of every image in random order, up to ``PATCHES_PER_SPRITE`` patches ``(n, 3, 12, 12)`` of
    its drawing.
    """
    found = []
    for index in rng.permutation(len(images)):
        windows = _windows(images[index], LARGE_SIDE)
        drawing = (windows.min(axis=1) < BACKGROUND).mean(axis=(1, 2)) >= FOREGROUND
        chosen = rng.permutation(np.flatnonzero(drawing))[:PATCHES_PER_SPRITE]
        if len(chosen):
            found.append(windows[chosen])
    return found


def _uneven_patches(images: list[np.ndarray]) -> np.ndarray:
    """All patches that are not flat: ``(n, 49, 3)``."""
    found = [np.zeros((0, SIDE * SIDE, 3), np.uint8)]
    for image in images:
        windows = _windows(image, SIDE).reshape(-1, 3, SIDE * SIDE).transpose(0, 2, 1)
        found.append(windows[np.ptp(windows, axis=1).max(axis=1) > FLAT])
    return np.concatenate(found)


def _windows(image: np.ndarray, size: int) -> np.ndarray:
    """All patches ``(n, 3, size, size)``, half out of the image included: it goes on in white."""
    margin = size // 2
    padded = np.pad(image, ((margin, margin), (margin, margin), (0, 0)), constant_values=255)
    return np.lib.stride_tricks.sliding_window_view(padded, (size, size), axis=(0, 1)).reshape(
        -1, 3, size, size
    )
