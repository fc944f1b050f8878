"""The parts of training: step, pool, schedule, checkpoints, data parallel."""

import os
import random
import signal
import socket
import subprocess
import sys
import zipfile
from contextlib import suppress
from copy import deepcopy
from pathlib import Path

import numpy as np
import pytest
import torch

from pixelization.cells.sizes import SCALES
from pixelization.errors import UserError
from pixelization.training import trainer as trainer_module
from pixelization.training.checkpoint import (
    PARTS,
    list_checkpoints,
    load_checkpoint,
    save_checkpoint,
)
from pixelization.training.config import build_system, load_config
from pixelization.training.image_pool import ImagePool
from pixelization.training.losses.objective import Adversarial
from pixelization.training.run import build_trainer
from pixelization.training.systems.cascade_terms import TERMS, RealPixelArt

ROOT = Path(__file__).parents[2]


IMAGES = [f"data.{each}={ROOT}/tests/data/{each}" for each in ("cartoons", "sprites")]


def smoke(*overrides):
    """The smoke configuration on the images of the tests."""
    return load_config(ROOT / "configs/smoke.yaml", [*IMAGES, *overrides])


def trainer_and_batches(config, rank=0, world_size=1):
    system = build_system(config)
    trainer = build_trainer(config, system, rank, world_size)
    batches = system.data.batches(
        batch_size=config.train.batch_size,
        start_step=0,
        steps=trainer.schedule.steps,
        rank=rank,
        world_size=world_size,
    )
    return trainer, batches


def test_every_player_moves_and_losses_are_named():
    trainer, loader = trainer_and_batches(smoke())
    before = {
        name: [p.clone() for p in network.parameters()] for name, network in trainer.players.items()
    }
    losses = trainer.train_step(next(iter(loader)))
    for name, network in trainer.players.items():
        assert any(
            not torch.equal(a, b) for a, b in zip(before[name], network.parameters(), strict=True)
        ), name
    weights = {f"loss/G/{name}" for name in trainer.system.objective.weights}
    judged = {
        f"loss/D_{name}/{verdict}"
        for name in ("grid", "pixel", "depixel")
        for verdict in ("real", "fake")
    }
    assert set(losses) == weights | judged


def test_a_player_without_a_loss_stays():
    weights = [f"loss.weights.{term.name}=0" for term in TERMS if isinstance(term, Adversarial)]
    trainer, loader = trainer_and_batches(smoke(*weights))
    before = [p.clone() for p in trainer.system.discriminators.parameters()]
    losses = trainer.train_step(next(iter(loader)))
    assert all(
        torch.equal(a, b)
        for a, b in zip(before, trainer.system.discriminators.parameters(), strict=True)
    )
    assert not any(name.startswith("loss/D_") for name in losses)


@pytest.mark.parametrize(
    "term, calls",
    [
        ("grid_l1", {"gridnet": 1, "pixelnet": 3, "depixelnet": 0}),
        ("depixel_mirror_output", {"gridnet": 1, "pixelnet": 3, "depixelnet": 1}),
        ("depixel_adversarial", {"gridnet": 1, "pixelnet": 1, "depixelnet": 1}),
        ("depixel_drawn_output", {"gridnet": 0, "pixelnet": 0, "depixelnet": 1}),
    ],
)
def test_directions_are_gone_as_far_as_a_term_looks(term, calls):
    others = [f"loss.weights.{each.name}=0" for each in TERMS if each.name != term]
    trainer, loader = trainer_and_batches(smoke(*others, f"loss.weights.{term}=1"))
    seen = dict.fromkeys(calls, 0)
    for name, network in trainer.system.generators.named_children():
        network.register_forward_hook(lambda *_, name=name: seen.update({name: seen[name] + 1}))
    trainer.train_step(next(iter(loader)))
    assert seen == calls


def test_the_objective_goes_down():
    trainer, loader = trainer_and_batches(smoke("optim.lr=2e-3", "train.batch_size=1"))
    batch = next(iter(loader))
    values = [trainer.train_step(batch)["loss/G/depixel_l1"] for _ in range(8)]
    assert values[-1] < values[0]


def test_ema_follows_the_generators_slowly():
    trainer, loader = trainer_and_batches(smoke("optim.ema_decay=0.5"))
    batches = iter(loader)
    trainer.train_step(next(batches))  # the first update copies
    old = [p.clone() for p in trainer.system.generators.parameters()]
    trainer.train_step(next(batches))
    for before, now, average in zip(
        old, trainer.system.generators.parameters(), trainer.ema.module.parameters(), strict=True
    ):
        assert torch.allclose(average, (before + now) / 2, atol=1e-7)


def test_clipping_bounds_the_gradient():
    trainer, loader = trainer_and_batches(smoke("optim.clip_norm=0.01"))
    trainer.train_step(next(iter(loader)))
    for network in trainer.system.generators.children():
        norm = torch.stack(
            [p.grad.norm() for p in network.parameters() if p.grad is not None]
        ).norm()
        assert norm <= 0.0101


def test_weight_decay_takes_a_share_of_the_weights():
    """AdamW: what is taken away is no part of the gradient."""
    plain, decayed = (
        trainer_and_batches(smoke("optim.lr=0.1", f"optim.weight_decay={share}"))
        for share in (0.0, 0.5)
    )
    before = [p.clone() for p in plain[0].system.generators.parameters()]
    for trainer, loader in (plain, decayed):
        trainer.train_step(next(iter(loader)))
    pairs = zip(
        before,
        plain[0].system.generators.parameters(),
        decayed[0].system.generators.parameters(),
        strict=True,
    )
    for old, without, with_decay in pairs:
        if not torch.equal(old, without):  # a parameter without a gradient stays
            assert torch.allclose(with_decay, without - 0.1 * 0.5 * old, atol=1e-6)


def test_muon_moves_kernels_of_generators_and_adam_the_rest():
    adam, muon = (
        trainer_and_batches(smoke(f"optim.optimizer={name}")) for name in ("adam", "muon")
    )
    before = {name: value.clone() for name, value in adam[0].system.generators.named_parameters()}
    for trainer, loader in (adam, muon):
        trainer.train_step(next(iter(loader)))
    others = dict(muon[0].system.generators.named_parameters())
    moved = 0
    for name, by_adam in adam[0].system.generators.named_parameters():
        if not torch.equal(by_adam, before[name]):  # a parameter without a gradient stays
            assert torch.equal(by_adam, others[name]) == (by_adam.dim() != 4), name
            moved += by_adam.dim() == 4
    assert moved > 10
    judges = zip(
        adam[0].system.discriminators.parameters(),
        muon[0].system.discriminators.parameters(),
        strict=True,
    )
    # Those of the first step saw the same fakes.
    assert all(torch.equal(one, other) for one, other in judges)


def test_checkpoints_of_adam_and_of_muon_are_told_apart(stepped):
    muon, _ = trainer_and_batches(smoke("optim.optimizer=muon", "train.batch_size=1"))
    with pytest.raises(UserError, match="the checkpoint does not fit this configuration"):
        muon.load_state_dict(deepcopy(stepped))


@pytest.mark.parametrize("optimizer", ["adam", "muon"])
def test_changed_settings_of_optimizers_hold_after_a_checkpoint(optimizer):
    same = [f"optim.optimizer={optimizer}", "train.batch_size=1"]
    before, _ = trainer_and_batches(smoke(*same))
    changes = ["optim.betas=[0.25, 0.75]", "optim.weight_decay=0.125"]
    after, _ = trainer_and_batches(smoke(*same, *changes))
    after.load_state_dict(before.state_dict() | {"step": 0})
    for name, each in after.optimizers.items():
        (group,) = each.param_groups
        assert (group["betas"], group["weight_decay"]) == ((0.25, 0.75), 0.125), name


def test_a_loss_that_is_not_finite_stops_and_is_named():
    trainer, loader = trainer_and_batches(smoke())
    with torch.no_grad():
        trainer.system.generators.depixelnet.head.conv.bias.fill_(float("nan"))
    before = [p.clone() for p in trainer.system.generators.gridnet.parameters()]
    with pytest.raises(UserError, match="step 0.*loss/G/depixel_mirror_output") as error:
        trainer.train_step(next(iter(loader)))
    assert "loss/G/grid_l1" not in str(error.value)
    assert all(
        torch.equal(a, b)
        for a, b in zip(before, trainer.system.generators.gridnet.parameters(), strict=True)
    )


@pytest.mark.parametrize("player", ["G_pixelnet", "D_grid"])
def test_steps_with_overflowing_gradients_are_skipped_then_refused(player, monkeypatch):
    """However well the other players do meanwhile."""
    monkeypatch.setattr(trainer_module, "MAX_OVERFLOWS", 3)
    trainer, loader = trainer_and_batches(smoke())
    broken = next(trainer.players[player].parameters()).register_hook(
        lambda gradient: gradient * float("inf")
    )
    batch = next(iter(loader))
    parameters = {name: list(network.parameters()) for name, network in trainer.players.items()}
    before = {name: [each.clone() for each in network] for name, network in parameters.items()}
    trainer.train_step(batch)
    skipped = {name for name in parameters if all(map(torch.equal, before[name], parameters[name]))}
    generators = {"G_gridnet", "G_pixelnet", "G_depixelnet"}
    assert skipped == (generators if player in generators else {player})  # generators share a loss
    trainer.train_step(batch)
    state = trainer.state_dict() | {"step": trainer.step}
    trainer.train_step(batch)
    with pytest.raises(UserError, match="step 3.*overflow"):
        trainer.train_step(batch)
    # a resumed run goes on counting, but a step that is taken ends the row
    trainer.load_state_dict(state)
    trainer.train_step(batch)
    broken.remove()
    trainer.train_step(batch)
    assert not any(trainer.overflows.values())


def test_pictures_of_unknown_cell_size_serve_every_scale(tmp_path):
    config = smoke("data.sprites=", f"data.pictures={ROOT}/tests/data/cartoons")
    trainer, loader = trainer_and_batches(config)
    batch = next(iter(loader))
    real = RealPixelArt(batch, SCALES, torch.device("cpu"))
    assert not real.known
    assert [grid.shape[-1] for grid in real.grids.values()] == [8, 6, 4]
    assert trainer.train_step(batch)["loss/G/pixel_mirror_output"] > 0


def test_pool_fills_then_mixes_old_and_new():
    pool = ImagePool(4, slots=range(2), joint_slots=2)  # two images per slot
    seen = []
    for step in range(60):
        fresh = torch.tensor([step, 100 + step], dtype=torch.float32).view(2, 1, 1, 1)
        old = pool.query(fresh, (0, step)).flatten().tolist()
        assert old[0] <= step < 100 <= old[1] <= 100 + step  # slots never mix
        seen.append(old[0] == step)
    assert all(seen[:2]) and 15 < sum(seen[2:]) < 45
    assert all(len(buffer) == 2 for buffer in pool.buffers.values())
    none = ImagePool(0, slots=range(2), joint_slots=2)
    assert torch.equal(none.query(fresh, (0, 0)), fresh)


def test_the_pool_swaps_whatever_scale_the_step_has_drawn():
    pool, swapped = ImagePool(1, slots=range(1), joint_slots=1), {0: 0, 1: 0, 2: 0}
    for step in range(600):
        old = (
            pool.query(torch.full((1, 3, 1, 1), float(step)), (0, step))[0, 0, 0, 0].item() != step
        )
        scale = np.random.default_rng((0, step)).integers(3)  # as the trainer draws it
        swapped[int(scale)] += old
    assert all(60 < count < 140 for count in swapped.values()), swapped


def test_pool_state_survives():
    fresh = torch.arange(2.0).view(2, 1, 1, 1)
    pool, twin = (ImagePool(2, slots=range(2), joint_slots=2) for _ in range(2))
    pool.query(fresh, (0, 0))
    twin.load_state_dict(pool.state_dict(), torch.device("cpu"))
    for step in range(1, 9):
        assert torch.equal(pool.query(fresh + step, (0, step)), twin.query(fresh + step, (0, step)))


def state_of(value):
    """A checkpoint's state with one tensor."""
    network = {"value": torch.tensor(value)}
    parts = dict.fromkeys(("generators", "ema", "discriminators"), network)
    empty = {key: {} for key in ("optimizers", "pools", "overflows", "recent", "config")}
    return parts | empty | {"origin": None}


def test_checkpoints_are_kept_whole_and_few(tmp_path, monkeypatch):
    for step in (1, 2, 10):
        save_checkpoint(tmp_path, step, state_of(step), keep=2)
    assert [path.name for path in list_checkpoints(tmp_path)] == [
        "step_00000002.pt",
        "step_00000010.pt",
    ]
    assert load_checkpoint(tmp_path / "step_00000010.pt")["ema"]["value"] == 10
    content = (tmp_path / "step_00000010.pt").read_bytes()

    def fail(*args):
        raise OSError("disk full")

    monkeypatch.setattr(os, "fsync", fail)
    with pytest.raises(UserError, match="disk full"):
        save_checkpoint(tmp_path, 10, {}, keep=2)
    assert (tmp_path / "step_00000010.pt").read_bytes() == content


@pytest.mark.parametrize("content", [b"", b"not a checkpoint", None])
def test_damaged_checkpoints_are_named(tmp_path, content):
    path = save_checkpoint(tmp_path, 1, state_of([0.0] * 1000), keep=1)
    path.write_bytes(path.read_bytes()[:2000] if content is None else content)
    with pytest.raises(UserError, match=f"{path.name}.*delete it"):
        load_checkpoint(path)
    torch.save({"weights": torch.zeros(1)}, path)
    with pytest.raises(UserError, match="not a checkpoint"):
        load_checkpoint(path)


def test_too_little_memory_is_no_damage_of_a_checkpoint(tmp_path, monkeypatch):
    path = save_checkpoint(tmp_path, 1, state_of([0.0]), keep=1)

    def fail(*_, **__):
        raise RuntimeError("DefaultCPUAllocator: can't allocate memory: x")

    monkeypatch.setattr(torch, "load", fail)
    with pytest.raises(RuntimeError, match="allocate"):
        load_checkpoint(path)


@pytest.mark.parametrize("make", [os.mkfifo, os.mkdir])
def test_what_is_no_file_is_no_checkpoint(tmp_path, make):
    path = tmp_path / "step_00000001.pt"
    make(path)
    with pytest.raises(UserError, match=r"step_00000001\.pt: is .*not a file"):
        load_checkpoint(path)


def test_one_flipped_bit_is_noticed(tmp_path):
    path = save_checkpoint(tmp_path, 1, state_of([1.5] * 1000), keep=1)
    data, rng = path.read_bytes(), random.Random(0)
    places = [rng.randrange(8 * len(data)) for _ in range(40)]
    # the checksum itself: its name, and its digits
    places += [8 * (len(data) - back) + back % 8 for back in range(1, 72, 5)]
    for bit in places:
        flipped = bytearray(data)
        flipped[bit // 8] ^= 1 << bit % 8
        path.write_bytes(flipped)
        with pytest.raises(UserError, match="(damaged|not a) checkpoint.*delete it"):
            load_checkpoint(path)


def test_checkpoints_from_before_have_only_the_checksums_of_their_parts(tmp_path):
    path = tmp_path / "step_00000001.pt"
    former = {"format": "pixelization-checkpoint/2", "step": 1}
    torch.save(state_of([1.5] * 1000) | former, path)
    assert load_checkpoint(path)["step"] == 1
    data = bytearray(path.read_bytes())
    data[data.index(np.float32(1.5).tobytes() * 100)] ^= 1
    path.write_bytes(data)
    with pytest.raises(UserError, match="damaged checkpoint"):
        load_checkpoint(path)


def test_a_checkpoint_that_would_unpack_to_more_than_it_holds_is_refused(tmp_path):
    path = tmp_path / "step_00000001.pt"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("archive/data.pkl", bytes(50_000_000))
    with pytest.raises(UserError, match="damaged checkpoint"):
        load_checkpoint(path)


class Evil:
    """Its pickle makes a folder when it is loaded."""

    def __init__(self, victim):
        self.victim = str(victim)

    def __reduce__(self):
        return os.mkdir, (self.victim,)


@pytest.mark.parametrize("key", ["config", "generators", "pools", "extra"])
def test_no_code_of_a_checkpoint_is_run(tmp_path, key):
    victim = tmp_path / "victim"
    path = save_checkpoint(tmp_path, 1, state_of(1) | {key: {"a": Evil(victim)}}, keep=1)
    with pytest.raises(UserError, match="damaged checkpoint"):
        load_checkpoint(path)
    assert not victim.exists()


def test_every_part_of_a_checkpoint_is_checked():
    trainer, _ = trainer_and_batches(smoke())
    assert set(trainer.state_dict()) <= set(PARTS)


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("step", None),
        ("step", "3"),
        ("step", -1),
        ("step", True),
        ("step", 10**9),
        ("config", None),
        ("config", [1]),
        ("config", {"train": 7}),
        ("origin", {"step": 1}),
        ("origin", {"name": "lite"}),
        ("origin", {"step": "many", "data_sha256": "", "licences": ""}),
        ("origin", {"step": "3", "licences": ""}),
        ("recent", {3: (1.0, 1)}),
        ("recent", {"loss": (1.0, 0)}),
        ("recent", {"loss": 1.0}),
        ("overflows", {"G": 1.5}),
        ("means", 7),
        ("means", {"grid_l1": "x"}),
        ("means", {"grid_l1": None}),
        ("generators", {"weight": [1.0]}),
        ("ema", []),
        ("optimizers", {"G": 1}),
        ("pools", {"grid": {0: [1]}}),
        ("pools", {"grid": [torch.zeros(1)]}),
        ("data", {"files": 1}),
    ],
)
def test_a_part_of_a_checkpoint_that_is_missing_or_of_another_kind_is_named(tmp_path, key, value):
    path = save_checkpoint(tmp_path, 1, state_of(1) | {key: value}, keep=1)
    with pytest.raises(UserError, match=f"damaged checkpoint .its '{key}' is none.*delete it"):
        load_checkpoint(path)


@pytest.fixture(scope="module")
def stepped():
    """The state of a trainer after a step, which nobody changes."""
    trainer, loader = trainer_and_batches(smoke("train.batch_size=1", "data.workers=0"))
    trainer.train_step(next(iter(loader)))
    return trainer.state_dict() | {"step": 1}


@pytest.mark.parametrize(
    "change",
    [
        lambda state: state["generators"].popitem(),
        lambda state: state["optimizers"].popitem(),
        lambda state: state["optimizers"].update(G_gridnet={"state": 1}),
        lambda state: state["optimizers"]["G_gridnet"]["param_groups"][0].update(betas="x"),
        lambda state: state["optimizers"]["G_gridnet"]["state"][0].update(exp_avg=torch.ones(9)),
        lambda state: state["pools"].update(grid={}),
        lambda state: state["pools"].update(grid={0: [torch.ones(3, 8, 8), torch.ones(3, 4, 4)]}),
        lambda state: state["ema"].update(n_averaged=torch.ones(9)),
    ],
)
def test_a_checkpoint_of_another_training_is_one_line(change, stepped):
    trainer, _ = trainer_and_batches(smoke("train.batch_size=1", "data.workers=0"))
    state = deepcopy(stepped)
    trainer.load_state_dict(deepcopy(state))
    change(state)
    with pytest.raises(UserError, match="the checkpoint does not fit this configuration") as error:
        trainer.load_state_dict(state)
    assert "\n" not in str(error.value)


def test_a_history_of_images_of_another_size_is_named():
    pool = ImagePool(2, slots=range(1), joint_slots=1)
    pool.query(torch.zeros(1, 3, 8, 8), (0, 0))
    with pytest.raises(UserError, match="history is not of images of 4x4 pixels.*data.crop"):
        pool.query(torch.zeros(1, 3, 4, 4), (0, 1))


# Imports torch and what its optimizers need once and forks: that takes longer than the steps.
WORKER = """
import os, sys, torch, torch._dynamo
sys.path.insert(0, ".")
from tests.training.test_trainer import two_steps
from pixelization.training import distributed
torch.set_num_threads(1)
other = os.fork()
os.environ["RANK"] = os.environ["LOCAL_RANK"] = "0" if other else "1"
rank, world_size = distributed.start(torch.device("cpu"))
result = two_steps(rank, world_size)
if rank == 0:
    torch.save(result, sys.argv[1])
distributed.stop()
if other:
    sys.exit(os.waitstatus_to_exitcode(os.waitpid(other, 0)[1]))
"""


def two_steps(rank=0, world_size=1):
    """Losses of two steps, gradients of the first, and what the pools hold at the end."""
    trainer, loader = trainer_and_batches(smoke("train.batch_size=4"), rank, world_size)
    batches, result = iter(loader), {}
    result["first"] = trainer.train_step(next(batches))
    result["gradients"] = {
        f"{player}.{name}": parameter.grad.clone()
        for player, network in trainer.players.items()
        for name, parameter in network.named_parameters()
        if parameter.grad is not None
    }
    result["second"] = trainer.train_step(next(batches))
    result["pools"] = trainer.state_dict()["pools"]
    return result


def test_two_processes_train_like_one(tmp_path):
    script, out = tmp_path / "worker.py", tmp_path / "two.pt"
    script.write_text(WORKER)
    with socket.socket() as free:
        free.bind(("localhost", 0))
        port = str(free.getsockname()[1])
    common = {"PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1", "CUDA_VISIBLE_DEVICES": ""}
    common |= {"WORLD_SIZE": "2", "MASTER_ADDR": "localhost", "MASTER_PORT": port}  # as torchrun
    command = [sys.executable, str(script), str(out)]
    worker = subprocess.Popen(command, cwd=ROOT, env=os.environ | common, start_new_session=True)
    try:
        assert worker.wait(timeout=120) == 0
    finally:
        with suppress(ProcessLookupError):  # a rank that waits for the other one goes, too
            os.killpg(worker.pid, signal.SIGKILL)
    one, two = two_steps(), torch.load(out, weights_only=True)
    assert one["first"] == pytest.approx(two["first"], rel=1e-4, abs=1e-6)
    assert one["second"] == pytest.approx(two["second"], rel=1e-2, abs=1e-3)
    # Gradients, not weights: Adam's first steps turn even the rounding error of a gradient near
    # zero into a whole step.
    assert one["gradients"].keys() == two["gradients"].keys()
    for name, gradient in one["gradients"].items():
        error = (two["gradients"][name] - gradient).norm() / gradient.norm().clamp(min=1e-6)
        assert error < 1e-3, name
    assert one["pools"].keys() == two["pools"].keys()
    for name, buffers in one["pools"].items():
        assert buffers.keys() == two["pools"][name].keys() == set(range(4))
        for slot, images in buffers.items():
            for image, other in zip(images, two["pools"][name][slot], strict=True):
                # a rounding error may choose another colour
                assert (image - other).abs().mean() < 0.05, (name, slot)
