"""The cascade as a system: its terms, which network each trains, and what they look at."""

from copy import deepcopy
from pathlib import Path

import pytest
import torch

from pixelization.cells.sizes import SCALES
from pixelization.config import CONFIGS
from pixelization.errors import UserError
from pixelization.networks.cells import upsample_nearest
from pixelization.training.config import build_system, load_config
from pixelization.training.data.unpaired import Batch
from pixelization.training.losses.adversarial import AdversarialLoss
from pixelization.training.losses.objective import Objective, table
from pixelization.training.losses.terms import l1, sobel, summed
from pixelization.training.systems import cascade_terms
from pixelization.training.systems.base import Randomness
from pixelization.training.systems.cascade_terms import (
    TERMS,
    CascadeStep,
    Comparison,
    RealPixelArt,
)
from tests.networks.make import tiny_cascade
from tests.training.make import trained

SUPERVISED = ("depixel_reduced_output", "depixel_drawn_output", "depixel_sprite_output")
UNSUPERVISED = [term for term in TERMS if term.name not in SUPERVISED]


@pytest.mark.parametrize("name", ["pixelizing", "depixelnet"])
def test_weights_that_ship_start_what_names_them_from_any_folder(name, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    own = ["data.drawings=2", "data.cartoons=", "data.sprites=", "data.workers=0"]
    config = load_config(CONFIGS / f"{name}.yaml", own)
    assert build_system(config).start_from(config.train.init)["step"] != "0"
    with pytest.raises(UserError, match="no model 'cascad'; did you mean 'cascade'"):
        build_system(config).start_from("cascad")


class Judge(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.conv = torch.nn.Conv2d(3, 1, 3)

    def forward(self, x):
        return self.conv(x)


def step(*, known=True, pixel_reference="cartoon", slopes="differences", depixel_l1_at="cells"):
    cascade = tiny_cascade()
    cartoon = torch.rand(2, 3, 32, 32) * 2 - 1
    grids = tuple(torch.randint(256, (2, 3, side, side), dtype=torch.uint8) for side in (8, 6, 4))
    picture = torch.randint(256, (2, 3, 32, 32), dtype=torch.uint8)
    batch = Batch(cartoon, grids if known else None, None if known else picture)
    return CascadeStep(
        cascade,
        {name: Judge().requires_grad_(False) for name in ("grid", "pixel", "depixel")},
        AdversarialLoss("vanilla"),
        comparison=Comparison("area", pixel_reference, slopes, depixel_l1_at),
        cartoon=cartoon,
        real=RealPixelArt(batch, SCALES, torch.device("cpu")),
        randomness=Randomness(0, 0, range(2)),
    )


def only(*names):
    return Objective(TERMS, {term.name: float(term.name in names) for term in TERMS})


def test_every_term_is_a_finite_number():
    values = Objective(UNSUPERVISED, {term.name: 1.0 for term in UNSUPERVISED}).compute(step())
    assert list(values) == [term.name for term in UNSUPERVISED]
    assert all(value.ndim == 0 and value.isfinite() for value in values.values())


def test_targets_are_made_for_terms_that_compare_with_them(monkeypatch):
    def fail(*_):
        raise AssertionError("nobody looks at this target")

    this = step()
    monkeypatch.setattr(cascade_terms, "resize_to_grid", fail)
    assert set(only("grid_adversarial", "depixel_mirror_output").compute(this)) == {
        "grid_adversarial",
        "depixel_mirror_output",
    }


@pytest.mark.parametrize("known", [True, False])
def test_backward_mirror_takes_the_smallest_of_the_scales_per_sample(known):
    this = step(known=known)
    run = this.backward
    errors = [l1(image, run.pixel_art, per_sample=True) for image in run.rec_pixel_art.values()]
    assert len(errors) == (1 if known else 3)
    term = only("pixel_mirror_output").compute(this)["pixel_mirror_output"]
    assert term.item() == pytest.approx(torch.stack(errors).min(0).values.mean().item())


@pytest.mark.parametrize("term", UNSUPERVISED, ids=lambda term: term.name)
def test_a_term_trains_the_network_that_it_says(term):
    this = step()
    term.compute(this).backward()
    moved = {
        name
        for name, network in this.cascade.named_children()
        if any(p.grad is not None and p.grad.abs().sum() > 0 for p in network.parameters())
    }
    assert moved == {term.trains}


def test_histories_have_names_of_their_own():
    this, names = step(), []
    for judged in Objective(TERMS, {term.name: 1.0 for term in TERMS}).judged().values():
        names += [name for term in judged for name in term.fakes(this)]
    assert len(names) == len(set(names)) == 8


def test_the_docs_have_the_table_of_the_terms():
    page = Path(__file__).parents[2] / "docs" / "losses.md"
    assert table(TERMS) in page.read_text(encoding="utf-8")


def test_the_published_code_compares_pixelnet_with_the_grid_and_depixelnet_at_full_size():
    made = step(pixel_reference="grid", slopes="sobel", depixel_l1_at="full")
    values = only("pixel_l1", "pixel_gradient", "depixel_l1").compute(made)
    run, size = made.forward, made.size
    pairs = [(run.refined[r], upsample_nearest(run.grids[r].detach(), size)) for r in run.grids]
    assert torch.equal(values["pixel_l1"], summed(l1(*pair) for pair in pairs))
    assert torch.equal(values["pixel_gradient"], summed(sobel(*pair) for pair in pairs))
    back = made.backward
    assert torch.equal(values["depixel_l1"], l1(back.cartoon, back.pixel_art))
    values["pixel_l1"].backward()
    assert all(p.grad is None for p in made.cascade.gridnet.parameters())


def test_dropout_is_drawn_anew_in_every_step_and_the_same_when_resumed():
    names = ("gridnet", "pixelnet", "depixelnet")
    dropout = [f"model.{name}.dropout=0.5" for name in names]
    smoke = Path(__file__).parents[2] / "configs/smoke.yaml"
    whole, losses = trained(smoke, 1, overrides=dropout)
    half = deepcopy(whole.state_dict()) | {"step": whole.step}
    (batch,) = whole.system.data.batches(batch_size=2, start_step=1, steps=1)
    losses.append(whole.train_step(batch))
    again, _ = trained(smoke, 0, half, dropout)
    assert again.train_step(batch) == losses[1]
    assert trained(smoke, 1)[1] != losses[:1]
