"""tools/train.py as a user calls it.

A whole run, kills and resumes, budgets, and every kind of bad input.
"""

import json
import os
import re
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest
import torch
from PIL import Image
from safetensors import safe_open
from safetensors.torch import save_file

from pixelization.apps.cli.train import main
from pixelization.networks.weights import load_weights
from pixelization.pixelizer import Pixelizer
from pixelization.training import run as training
from pixelization.training.checkpoint import list_checkpoints, load_checkpoint
from pixelization.training.data.shards import make_shards
from pixelization.training.systems import base

ROOT = Path(__file__).parents[2]


pytestmark = pytest.mark.usefixtures("scenes_once")


@pytest.fixture(autouse=True)
def in_the_repository(monkeypatch):
    monkeypatch.chdir(ROOT)


def arguments(out, *overrides):
    """Of the smoke run on the images of the tests."""
    images = ["data.cartoons=tests/data/cartoons", "data.sprites=tests/data/sprites"]
    out = f"train.out={out}"
    return ["--cfg", "configs/smoke.yaml", *images, out, "train.name=run", *overrides]


def assert_same_weights(path, other):
    """Bit for bit; the order of the metadata in the file is not fixed."""
    (cascade, first), (twin, second) = load_weights(path), load_weights(other)
    assert first["step"] == second["step"]
    assert all(value.equal(twin.state_dict()[name]) for name, value in cascade.state_dict().items())


def metrics(run):
    return [json.loads(line) for line in (run / "metrics.jsonl").read_text().splitlines()]


@pytest.fixture(scope="module")
def finished(tmp_path_factory):
    out = tmp_path_factory.mktemp("runs")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(ROOT)
        assert main(arguments(out)) == 0
    return out / "run"


def test_the_script_is_the_command():
    """How it ends, too. A whole run of another process is in the test of kills."""
    command = [sys.executable, "tools/train.py", "--resume"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=200)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("train: error: ") and "--cfg" in done.stderr


def test_a_run_leaves_everything_behind(finished):
    rows = metrics(finished)
    assert [row["step"] for row in rows] == list(range(1, 9))
    assert "loss/G/grid_l1" in rows[0] and "loss/D_grid/real" in rows[0]
    assert (finished / "config.yaml").read_text().count("base_channels") > 3
    assert "step 0 of 8" in (finished / "log.txt").read_text()
    assert list((finished / "tensorboard").glob("events*"))
    sheet = Image.open(finished / "samples" / "cartoons_00000004.png")
    assert sheet.width == 9 * (64 + 4)  # input, three grids, three refined, voted, depixelized
    assert [path.name for path in list_checkpoints(finished / "checkpoints")] == [
        "step_00000006.pt",
        "step_00000008.pt",
    ]
    _, metadata = load_weights(finished / "weights.safetensors")
    assert metadata["step"] == "8" and len(metadata["data_sha256"]) == 64


def test_its_weights_pixelize(finished):
    pixelizer = Pixelizer.from_weights(finished / "weights.safetensors")
    assert pixelizer.networks("tests/data/cartoons/hat.png", size=(12, 10)).sprite.size == (12, 10)


def test_a_second_run_of_the_same_name_is_refused(finished, capsys):
    before = (finished / "metrics.jsonl").read_bytes()
    assert main(arguments(finished.parent)) == 2
    assert "already holds a run" in capsys.readouterr().err
    assert (finished / "metrics.jsonl").read_bytes() == before


def test_resuming_a_finished_run_changes_nothing(finished):
    before = (
        (finished / "weights.safetensors").read_bytes(),
        (finished / "metrics.jsonl").read_bytes(),
    )
    assert main([*arguments(finished.parent), "--resume"]) == 0
    weights = finished / "weights.safetensors"
    assert f"-o sprite.png --weights {weights}" in (finished / "log.txt").read_text()
    assert (
        (finished / "weights.safetensors").read_bytes(),
        (finished / "metrics.jsonl").read_bytes(),
    ) == before


def test_a_spent_budget_saves_and_resume_finishes(finished, tmp_path, capsys):
    rare = "train.log_every=3"  # so that it stops between two logged steps
    assert main(arguments(tmp_path, "train.max_minutes=1e-6", rare)) == 0
    out, err = capsys.readouterr()
    assert "out of time" in err and "done: the weights are" not in out and "step/s" not in err
    assert [path.name for path in list_checkpoints(tmp_path / "run/checkpoints")] == [
        "step_00000001.pt"
    ]
    assert main([*arguments(tmp_path, rare), "--resume"]) == 0
    assert_same_weights(tmp_path / "run/weights.safetensors", finished / "weights.safetensors")
    rows, single = (metrics(folder) for folder in (tmp_path / "run", finished))
    assert [row["step"] for row in rows] == [3, 6]
    for row in rows:
        for name, value in row.items():
            first, second, third = (each[name] for each in single[row["step"] - 3 : row["step"]])
            assert value == (row["step"] if name == "step" else (first + second + third) / 3), name


class Killed(BaseException):
    pass


def test_killed_between_weights_and_checkpoint_it_still_ends_with_the_last_weights(
    finished, tmp_path, monkeypatch
):
    written = []
    for module, name in ((base, "save_weights"), (training, "save_checkpoint")):
        save = getattr(module, name)

        def write_then_die(*args, save=save, **options):
            written.append(save(*args, **options))
            if len(written) == 8:  # the first of two files at the last of four saves
                raise Killed

        monkeypatch.setattr(module, name, write_then_die)
    with pytest.raises(Killed):
        main(arguments(tmp_path))
    assert main([*arguments(tmp_path), "--resume"]) == 0
    assert_same_weights(tmp_path / "run/weights.safetensors", finished / "weights.safetensors")
    assert metrics(tmp_path / "run") == metrics(finished)


def test_a_checkpoint_of_an_older_version_can_be_resumed(finished, tmp_path):
    """It called the generators a cascade; a still older one had no counts and sums."""
    shutil.copytree(finished, tmp_path / "run")
    list_checkpoints(tmp_path / "run/checkpoints")[-1].unlink()
    before = list_checkpoints(tmp_path / "run/checkpoints")[-1]
    state = load_checkpoint(before)
    state["cascade"] = state.pop("generators")
    del state["recent"], state["overflows"], state["config"]["system"]
    torch.save(state | {"format": "pixelization-checkpoint/1"}, before)
    assert main([*arguments(tmp_path), "--resume"]) == 0
    assert_same_weights(tmp_path / "run/weights.safetensors", finished / "weights.safetensors")
    assert "no longer the same run" not in (tmp_path / "run/log.txt").read_text()


@pytest.mark.usefixtures("signals_arrive")
def test_a_signal_saves_says_so_and_the_run_goes_on(finished, tmp_path, monkeypatch, capsys):
    """A run that is stopped three times, by another signal each time, before it ends."""
    step = training.TrainingRun._after_step
    signals = {2: signal.SIGTERM, 3: signal.SIGHUP, 7: signal.SIGINT}

    def signalled(run, losses):
        step(run, losses)
        if run.trainer.step in signals:
            signal.raise_signal(signals[run.trainer.step])

    monkeypatch.setattr(training.TrainingRun, "_after_step", signalled)
    resumed = []
    for stopped, number in signals.items():
        assert main([*arguments(tmp_path, "data.workers=0"), *resumed]) == 128 + number
        said = f"stopped by {number.name} at step {stopped} of 8, saved; continue with --resume"
        assert said in capsys.readouterr().out and said in (tmp_path / "run/log.txt").read_text()
        assert load_weights(tmp_path / "run/weights.safetensors")[1]["step"] == str(stopped)
        saved = list_checkpoints(tmp_path / "run/checkpoints")[-1]
        assert saved.name == f"step_{stopped:08d}.pt"
        resumed = ["--resume"]
    assert main([*arguments(tmp_path), *resumed]) == 0
    assert_same_weights(tmp_path / "run/weights.safetensors", finished / "weights.safetensors")
    assert metrics(tmp_path / "run") == metrics(finished)


def test_changed_images_are_said_at_resume(tmp_path, capsys):
    for name in ("cartoons", "sprites"):
        shutil.copytree(ROOT / "tests/data" / name, tmp_path / name)
    short = ["optim.constant=1", "optim.decay=0", "data.workers=0", "train.sample_every=9"]
    images = [f"data.{name}={tmp_path / name}" for name in ("cartoons", "sprites")]
    said = "the checkpoint"

    def resumed(name, images=images):
        shutil.copytree(tmp_path / "run", tmp_path / name)
        code = main([*arguments(tmp_path, *short, *images), f"train.name={name}", "--resume"])
        assert code == 0
        return capsys.readouterr().out

    assert main(arguments(tmp_path, *short, *images)) == 0
    assert said not in resumed("unchanged")
    for path in (tmp_path / "cartoons").iterdir():
        os.utime(path, (1, 1))
    assert said not in resumed("dates")
    packed = []
    for name in ("cartoons", "sprites"):
        list(make_shards(tmp_path / name, tmp_path / "shards" / name, 10_000, []))
        packed.append(f"data.{name}={tmp_path / 'shards' / name}")
    assert said not in resumed("packed", packed)
    assert said not in resumed("slashes", [f"{key}/" for key in images])
    (tmp_path / "sprites/text.png").write_text("no image, but a place in the order")
    assert said in resumed("more")
    (tmp_path / "sprites/text.png").unlink()
    path = next((tmp_path / "sprites").iterdir())
    Image.new("RGBA", (9, 9), "red").save(path)
    assert said in resumed("pixels")
    path.unlink()
    assert said in resumed("fewer")


def test_changed_keys_are_said_at_resume_and_what_was_is_kept(finished, tmp_path, capsys):
    shutil.copytree(finished, tmp_path / "run")
    before = (finished / "config.yaml").read_text()
    forgotten = ["--cfg", "smoke", f"train.out={tmp_path}", "train.name=run", "--resume"]
    assert main([*forgotten, "optim.lr=1e-3"]) == 0
    log = (tmp_path / "run/log.txt").read_text()
    assert "the images changed" in log
    kept = tmp_path / "run/config_00000008.yaml"
    said = "same run: data.cartoons: 'tests/data/cartoons' -> ''; data.sprites: "
    assert said in log
    assert f"-> ''; optim.lr: 0.0002 -> 0.001; as it was: --cfg {kept}" in log
    assert "lr: 0.001" in (tmp_path / "run/config.yaml").read_text()
    assert kept.read_text() == before
    # resumed at the same step again: what was stays
    assert main([*forgotten, "optim.lr=2e-3"]) == 0
    assert kept.read_text() == before
    capsys.readouterr()
    again = ["--cfg", str(kept), "--resume", f"train.out={tmp_path}"]
    assert main(again) == 0
    assert "the checkpoint" not in capsys.readouterr().out


def test_a_run_of_another_system_is_said_to_be_one(finished, capsys):
    other = ["--cfg", "cyclegan_smoke", f"train.out={finished.parent}", "train.name=run"]
    assert main([*other, "--resume"]) == 2
    said = f"run: is a run of the system cascade, not cyclegan: resume it with --cfg {finished}"
    assert f"{said}/config.yaml" in capsys.readouterr().err


def test_learning_rates_are_recorded(finished):
    rates = [row["lr/G"] for row in metrics(finished)]
    assert rates[:4] == [2e-4] * 4 and 0 < rates[-1] < rates[4]
    assert [row["lr/D"] for row in metrics(finished)] == rates


def test_weights_without_a_part_of_their_metadata_are_no_beginning(finished, tmp_path, capsys):
    path = tmp_path / "w.safetensors"
    with safe_open(finished / "weights.safetensors", "pt") as file:
        tensors = {name: file.get_tensor(name) for name in list(file.keys())}
        kept = {key: file.metadata()[key] for key in ("format", "config", "name", "licences")}
    save_file(tensors, path, metadata=kept)
    assert main(arguments(tmp_path, f"train.init={path}")) == 2
    assert "w.safetensors: its metadata have no 'step'" in capsys.readouterr().err
    assert not (tmp_path / "run").exists()


def test_weights_that_cannot_be_written_lose_no_checkpoint(tmp_path, capsys):
    (tmp_path / "run/weights.safetensors").mkdir(parents=True)
    (tmp_path / "run/config.yaml").write_text("")
    assert main([*arguments(tmp_path), "--resume"]) == 2
    assert "weights.safetensors: is a folder" in capsys.readouterr().err
    assert load_checkpoint(list_checkpoints(tmp_path / "run/checkpoints")[-1])["step"] > 0


def test_too_little_memory_is_one_line(tmp_path, capsys, monkeypatch):
    for error in (MemoryError(), RuntimeError("DefaultCPUAllocator: can't allocate memory: x")):

        def fail(*_, error=error):
            raise error

        monkeypatch.setattr(training.Trainer, "train_step", fail)
        assert main([*arguments(tmp_path), f"train.name={type(error).__name__}"]) == 2
        assert "too little memory: reduce train.batch_size" in capsys.readouterr().err


def test_the_smoke_run_needs_no_files(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert (
        main(["--cfg", str(ROOT / "configs/smoke.yaml"), "optim.constant=1", "optim.decay=0"]) == 0
    )
    assert (tmp_path / "runs/smoke/weights.safetensors").exists()


# Imports torch and what its optimizers need once and forks a process for every run: starts of
# Python would take longer than all the training.
KILLER = """
import glob, os, random, signal, sys, time, torch._dynamo
from pixelization.apps.cli.train import main
import pixelization.training.run

def start():
    child = os.fork()
    if child == 0:
        there = os.path.exists("{OUT}/run/config.yaml")
        os._exit(main([*sys.argv[1:], *["--resume"] * there]))
    return child

def saved():
    return set(glob.glob("{OUT}/run/checkpoints/*.pt"))

rng, kills, resumes = random.Random(0), 0, 0
for number in range(2):
    before = saved()
    resumes += bool(before)
    child, limit = start(), time.monotonic() + 60
    while number % 2 and saved() <= before and time.monotonic() < limit:
        time.sleep(0.01)  # every other one dies after it has saved
    time.sleep(rng.uniform(0.05, 0.5))
    os.kill(child, signal.SIGKILL)
    kills += os.WIFSIGNALED(os.waitpid(child, 0)[1])
resumes += bool(saved())
print("kills", kills, "resumes", resumes, "code", os.waitpid(start(), 0)[1])
"""


def test_killed_twice_it_ends_with_the_same_weights(finished, tmp_path):
    """kill -9 at random moments; every resume repeats the unbroken run bit for bit.

    tools/kills.py does so a hundred times.
    """
    command = [sys.executable, "-c", KILLER.replace("{OUT}", str(tmp_path)), *arguments(tmp_path)]
    environment = os.environ | {"OMP_NUM_THREADS": str(torch.get_num_threads())}
    result = subprocess.run(
        command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=250
    )
    found = re.search(r"kills (\d+) resumes (\d+) code (.*)", result.stdout)
    assert found[3] == "0", result.stderr
    assert int(found[1]) >= 1  # a fast machine may have finished before the last one
    assert int(found[2]) >= 1
    assert_same_weights(tmp_path / "run/weights.safetensors", finished / "weights.safetensors")
    assert metrics(tmp_path / "run") == metrics(finished)


def corrupt_checkpoint(folder):
    (folder / "run/checkpoints").mkdir(parents=True)
    (folder / "run/checkpoints/step_00000003.pt").write_bytes(b"rubbish")


def empty_folder(folder):
    (folder / "empty").mkdir()


def broken_images(folder):
    (folder / "broken").mkdir()
    (folder / "broken/empty.png").write_bytes(b"")
    (folder / "broken/text.png").write_text("hello")
    (folder / "broken/cut.png").write_bytes(
        (ROOT / "tests/data/cartoons/hat.png").read_bytes()[:200]
    )


@pytest.mark.parametrize(
    "prepare, changes, message",
    [
        (None, ["data.cartoon=x"], "data.cartoon.*cartoons"),
        (None, ["data.crop=big"], "data.crop"),
        (None, ["optim.lr"], "optim.lr"),
        (
            None,
            ["data.cartoons={tmp}/nowhere"],
            "nowhere: no such folder: name yours, as in data.cartoons=",
        ),
        (empty_folder, ["data.cartoons={tmp}/empty"], "empty"),
        (broken_images, ["data.cartoons={tmp}/broken"], "broken"),
        (corrupt_checkpoint, ["--resume"], "step_00000003.pt.*delete it"),
        (None, ["--resume"], "run: no run to resume"),
        (corrupt_checkpoint, [], "already holds a run"),
        (None, ["--cfg", "configs/none.yaml"], "none.yaml"),
        (None, ["train.batch_size=0"], "train.batch_size"),
        (None, ["data.sprites=", "data.drawings=0"], "data.sprites"),
        (None, ["data.val_cartoons={tmp}/nowhere"], "data.val_cartoons: "),
        (None, ["model.gridnet.base_channels=12"], "base_channels"),
    ],
)
def test_bad_input_is_one_line_and_exit_code_2(prepare, changes, message, tmp_path, capsys):
    if prepare:
        prepare(tmp_path)
    assert main([*arguments(tmp_path), *(change.format(tmp=tmp_path) for change in changes)]) == 2
    printed = capsys.readouterr()
    lines = [line for line in printed.err.splitlines() if line.strip()]
    assert len(lines) == 1 and lines[0].startswith("train: error: ")
    assert re.search(message, lines[0]), lines[0]
    assert not (tmp_path / "run/config.yaml").exists()


def test_training_without_tensorboard_says_what_to_install(tmp_path, monkeypatch, capsys):
    for name in ("run", "run_folder", "board"):
        monkeypatch.delitem(sys.modules, f"pixelization.training.{name}")
    monkeypatch.setitem(sys.modules, "tensorboardX", None)
    assert main(arguments(tmp_path)) == 2
    advice = "install it with pip install 'pixelization[train]'"
    assert capsys.readouterr().err == f"train: error: this needs tensorboardX: {advice}\n"


def test_a_file_that_is_no_config_is_refused(tmp_path, capsys):
    for name, content in {
        "empty.yaml": "",
        "list.yaml": "- 1",
        "broken.yaml": "a: [",
        "binary.yaml": "\x00\x01",
    }.items():
        path = tmp_path / name
        path.write_text(content)
        assert main(["--cfg", str(path)]) == 2
        assert name in capsys.readouterr().err
