"""Configuration: precedence, strictness, coercion, ranges, and every file in configs/."""

import time
from dataclasses import asdict, fields, is_dataclass, replace
from pathlib import Path

import pytest
import torch
import yaml

from pixelization.config import as_dict, as_yaml, check_ranges, leaves, read_layers, updated
from pixelization.errors import UserError
from pixelization.networks.build import build_discriminator, build_networks
from pixelization.networks.schema import DiscriminatorConfig, rough_parameters
from pixelization.training.config import check_for_training, load_config
from pixelization.training.schedules import schedule_of
from pixelization.training.systems.cascade import CascadeConfig as Config

CONFIGS = Path(__file__).parents[2] / "configs"
SHIPPED = sorted(CONFIGS.glob("*.yaml"))
EXPERIMENTS = [path for path in SHIPPED if path.stem != "base"]


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.stem)
def test_commands_in_comments_are_there(path):
    """The lines of a comment that are indented are commands."""
    commands = {"pixelize", "depixelize", "pixel-snap", "python", "for"}
    comments = path.read_text(encoding="utf-8").splitlines()
    assert {line.split()[1] for line in comments if line.startswith("#   ")} <= commands


@pytest.fixture(scope="module")
def shipped():
    """The configurations of the files in configs/ by name: each is read once, since a file and its
    bases take longer to read than anything here looks at.
    """
    return {path.stem: load_config(path) for path in SHIPPED}


@pytest.fixture
def write(tmp_path):
    """Write a YAML file into a fresh folder; returns its path."""

    def write(text: str | bytes, name: str = "experiment.yaml") -> Path:
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text.encode() if isinstance(text, str) else text)
        return path

    return write


def error_of(call, *args) -> str:
    """The message of the UserError that a call must raise: one line."""
    with pytest.raises(UserError) as caught:
        call(*args)
    message = str(caught.value)
    assert "\n" not in message and message
    return message


def values(section):
    """Dotted path and value of every key."""
    return [(key, value) for key, value, _ in leaves(section)]


def config_from_dict(values):
    config = updated(Config(), values)
    check_ranges(config)
    return config


# Precedence


def test_precedence_is_defaults_then_base_then_file_then_overrides_in_order(write):
    write("optim: {lr: 1, lr_discriminator: 1, clip_norm: 1, pool_size: 1}", "base.yaml")
    path = write("_base_: base.yaml\noptim: {lr_discriminator: 2, clip_norm: 2, pool_size: 2}")
    optim = load_config(path, ["optim.clip_norm=3", "optim.pool_size=3", "optim.pool_size=4"]).optim
    assert (optim.decay, optim.lr, optim.lr_discriminator, optim.clip_norm, optim.pool_size) == (
        150,
        1,
        2,
        3,
        4,
    )


def test_a_section_of_the_file_leaves_the_other_keys_of_the_base_alone(write):
    write("model: {gridnet: {base_channels: 7, num_blocks: 3}}", "base.yaml")
    config = load_config(write("_base_: base.yaml\nmodel: {gridnet: {num_blocks: 2}}"))
    assert (config.model.gridnet.base_channels, config.model.gridnet.num_blocks) == (7, 2)
    assert config.model.pixelnet == Config().model.pixelnet


def test_bases_chain_and_are_relative_to_the_file_that_names_them(write):
    write("optim: {constant: 1, decay: 1}\ntrain: {seed: 1}", "a/root.yaml")
    write("_base_: ../a/root.yaml\noptim: {decay: 2}\ntrain: {seed: 2}", "b/middle.yaml")
    config = load_config(write("_base_: b/middle.yaml\ntrain: {seed: 3}"))
    assert (config.optim.constant, config.optim.decay, config.train.seed) == (1, 2, 3)


def test_a_circle_of_bases_is_an_error(write):
    first = write("_base_: second.yaml", "first.yaml")
    write("_base_: first.yaml", "second.yaml")
    own = write("_base_: own.yaml", "own.yaml")
    assert "first.yaml: is its own _base_" in error_of(load_config, first)
    assert "own.yaml: is its own _base_" in error_of(load_config, own)


def test_a_mistake_in_a_base_names_the_base(write):
    write("optim: {lrr: 1}", "base.yaml")
    assert "base.yaml: unknown key 'optim.lrr'" in error_of(
        load_config, write("_base_: base.yaml\noptim: {lr: 1}")
    )
    missing = error_of(load_config, write("_base_: nowhere.yaml", "other.yaml"))
    assert "nowhere.yaml: no such file" in missing
    assert "_base_ must name one file" in error_of(load_config, write("_base_: [a, b]", "two.yaml"))


def test_a_base_may_be_one_that_ships_unless_a_file_of_that_name_lies_beside(write):
    own = write("_base_: smoke\noptim: {constant: 7}")
    assert load_config(own).optim == replace(load_config(CONFIGS / "smoke.yaml").optim, constant=7)
    write("optim: {decay: 9}", "smoke")
    assert load_config(own).optim.decay == 9
    wrong = write("_base_: smoky", "wrong.yaml")
    assert error_of(load_config, wrong).startswith(f"{wrong}: _base_: ")


# Licences


LICENSED = "data: {cartoons: a, sprites: b, licences: CC0-1.0}"


@pytest.mark.parametrize(
    ("own", "overrides", "expected"),
    [
        ("", ["data.crop=64"], "CC0-1.0"),
        ("", ["data.cartoons=a"], "CC0-1.0"),
        ("", ["data.cartoons=x"], ""),
        ("", ["data={pictures: x, sprites: ''}"], ""),
        ("", ["data.licences=MIT", "data.cartoons=x", "data.sprites=y"], "MIT"),
        ("data: {sprites: x}", [], ""),
        ("data: {sprites: x, licences: MIT}", ["data.crop=64"], "MIT"),
        ("data: {sprites: x, licences: MIT}", ["data.sprites=b"], ""),
    ],
)
def test_licences_go_with_the_images_that_they_are_given_with(write, own, overrides, expected):
    write(LICENSED, "base.yaml")
    path = write(f"_base_: base.yaml\n{own}")
    assert load_config(path, overrides).data.licences == expected


def test_another_system_is_told_where_it_is_named(write):
    message = error_of(load_config, CONFIGS / "smoke.yaml", ["system=cyclegan"])
    assert message.startswith("override 'system=cyclegan': ")
    assert "base.yaml is of the system cascade" in message
    assert load_config(write("train: {seed: 1}"), ["system=cyclegan"]).system == "cyclegan"


@pytest.mark.parametrize("name", [r"\0", r"\ud800", "a" * 300])
def test_a_base_whose_name_no_file_can_have(write, name):
    assert "cannot be read" in error_of(load_config, write(f'_base_: "{name}"'))


def test_a_link_to_itself_is_named(tmp_path):
    (tmp_path / "a.yaml").symlink_to("a.yaml")
    assert error_of(load_config, tmp_path / "a.yaml").startswith(
        f"{tmp_path / 'a.yaml'}: cannot be read"
    )


# Files


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "is empty"),
        ("# nothing but a comment\n", "is empty"),
        ("- a\n- list\n", "has no keys"),
        ("just text", "has no keys"),
        ("optim: {lr: 1\n", "not valid YAML"),
        ("optim:\n  lr: 1\n lr: 2\n", "not valid YAML in line 3"),
        (b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR", "not valid YAML"),
        (b"optim: {lr: \xff\xfe}", "not valid YAML"),
        ("[" * 60_000, "nested too deeply"),
        ("optim: {lr: 1}\noptim: {decay: 2}\n", "a key occurs twice"),
        ("a: 1\n" * 300_000, "is too large: 1500000 bytes, at most 65536 bytes"),
        (f"palette: {'x' * 60_000}\n", "unknown key 'palette'"),
        (f"? {'x' * 60_000}\n: 1\n", "unknown key 'xxx"),
        (f"optim: {{lr: {'x' * 60_000}}}\n", "optim.lr: expected a number"),
        (f"a: *{'x' * 60_000}\n", "not valid YAML"),
        (f"_base_: {'x' * 60_000}\n", "cannot be read"),
        ('a: "\\UFFFFFFFF"', "not valid YAML: a wrong escape"),
        ('a: "\\U00110000"', "not valid YAML: a wrong escape"),
        (f"optim: {{betas: [{'1,' * 3000}]}}", "optim.betas: expected a list of 2"),
        (f"model: {{d_grid: {{strides: [{'1,' * 3000}]}}}}", "strides: is too large: 3000 items"),
        ("{a: " * 5_000, "nested too deeply"),
        ("a: &x [1]\nb: [" + "*x, " * 9000 + "]", "unknown key 'a'"),
    ],
    ids=[
        "empty",
        "comment",
        "list",
        "text",
        "truncated",
        "indented",
        "png",
        "encoding",
        "deep",
        "twice",
        "huge",
        "value",
        "key",
        "number",
        "alias",
        "base",
        "escape",
        "beyond",
        "pair",
        "many",
        "flow",
        "aliases",
    ],
)
def test_a_file_that_is_no_configuration_is_named(write, text, reason):
    path, start = write(text), time.process_time()
    message = error_of(load_config, path)
    assert reason in message and len(message) <= 2000
    assert message.startswith((str(path), str(path.parent)))
    assert time.process_time() - start < 5


def test_a_missing_file_and_a_folder_are_named(tmp_path):
    for path in (tmp_path / "nowhere.yaml", tmp_path):
        assert error_of(load_config, path).startswith(f"{path}: ")


def test_a_long_chain_of_bases_is_refused(write):
    for index in range(40):
        path = write(f"_base_: {index - 1}.yaml" if index else "train: {seed: 1}", f"{index}.yaml")
    message = error_of(load_config, path)
    assert "7.yaml: the chain of _base_" in message and "PIXELIZATION_MAX_CONFIG_FILES" in message


def test_a_long_override_is_refused():
    message = error_of(load_config, CONFIGS / "smoke.yaml", [f"data.licences={'x' * 100_000}"])
    assert "PIXELIZATION_MAX_CONFIG_BYTES" in message and len(message) < 400


@pytest.mark.parametrize(
    ("override", "expected"),
    [
        ('train.name="\\0"', "is no name of a folder"),
        ('train.out="a\\0b"', "is no name of a folder"),
        ('train.name="\\ud800"', "is no name of a folder"),
        (f"train.name={'x' * 300}", "longer than 200 bytes"),
        ("train.name=..", "must be the name of a folder"),
    ],
)
def test_a_name_that_no_folder_can_have(override, expected):
    assert expected in error_of(load_config, CONFIGS / "smoke.yaml", [override])


@pytest.mark.parametrize(
    ("overrides", "limit"),
    [
        (["train.batch_size=65536", "data.crop=4096"], "BATCH_PIXELS"),
        (["train.batch_size=32768", "data.crop=256"], "BATCH_PIXELS"),
        (["model.gridnet.base_channels=4096"], "PARAMETERS"),
        (["model.depixelnet.num_blocks=1000", "model.depixelnet.base_channels=512"], "PARAMETERS"),
        (["model.d_pixel.base_channels=4096"], "PARAMETERS"),
    ],
)
def test_what_no_machine_can_train_is_refused_before_it_is_built(overrides, limit):
    message = error_of(check_for_training, load_config(CONFIGS / "smoke.yaml", overrides))
    assert f"PIXELIZATION_MAX_{limit}" in message


def test_estimates_of_parameters_are_from_above():
    for name in ("smoke", "cascade_lite", "artists_smoke", "cyclegan_smoke"):
        config = load_config(CONFIGS / f"{name}.yaml")
        networks = [build_networks(config.model)]
        networks += [
            build_discriminator(each)
            for section in (config, config.model)
            for each in vars(section).values()
            if isinstance(each, DiscriminatorConfig)
        ]
        parameters = sum(p.numel() for network in networks for p in network.parameters())
        assert parameters <= rough_parameters(config) < 50 * parameters + 2 * 10**7, name


def test_yaml_cannot_run_code(write, tmp_path):
    victim = tmp_path / "victim"
    error_of(load_config, write(f"data: {{cartoons: !!python/object/apply:os.mkdir ['{victim}']}}"))
    assert not victim.exists()


# Strictness


@pytest.mark.parametrize(
    ("override", "expected"),
    [
        ("optim.learning_rat=1", "unknown key 'optim.learning_rat'"),
        ("optim.beta=1", "did you mean 'optim.betas'?"),
        ("model.gridnet.base_chanels=1", "did you mean 'model.gridnet.base_channels'?"),
        ("modle.cascade=full", "did you mean 'model'?"),
        ("batch_size=1", "did you mean 'train.batch_size'?"),
        ("zzz=1", "there are system, data, model, loss, optim, train"),
        ("optim.lr.x=1", "optim.lr: expected a number"),
        ("optim=3", "optim: expected a section"),
        ("_base_=other.yaml", "unknown key '_base_'"),
    ],
)
def test_an_unknown_key_is_named_with_the_nearest_one(write, override, expected):
    message = error_of(load_config, write("train: {seed: 1}"), [override])
    assert expected in message and f"override '{override}'" in message


@pytest.mark.parametrize(
    "override", ["optim.lr", "=1", "optim.=1", ".lr=1", "", "optim.lr=[1", "--resume"]
)
def test_an_override_of_another_form_is_named(write, override):
    assert f"override '{override}'" in error_of(load_config, write("train: {seed: 1}"), [override])


# Coercion: by the type of the field, not by YAML's guess


@pytest.mark.parametrize(
    ("override", "value"),
    [
        ("optim.lr=1e-4", 1e-4),  # PyYAML: text
        ("optim.lr=1", 1.0),
        ("optim.betas=[0, 0.9]", (0.0, 0.9)),
        ("data.crop=064", 64),  # PyYAML: octal, 52
        ("data.crop=1e2", 100),
        ("data.crop=64.0", 64),
        ("data.flip=off", False),
        ("data.flip=True", True),
        ("data.cartoons=on", "on"),  # PyYAML: True
        ("data.cartoons=2024-01-01", "2024-01-01"),  # PyYAML: a date
        ("data.cartoons=007", "007"),
        ("data.cartoons=a=b/c d", "a=b/c d"),  # split at the first '='
        ("data.cartoons=", ""),
        ("model.scales=[1/4, 1/8]", ("1/4", "1/8")),
        ("model.d_grid.strides=[1, 2, 1]", (1, 2, 1)),
    ],
)
def test_values_take_the_type_of_their_field(write, override, value):
    config = load_config(write("data: {cartoons: before, flip: true}"), [override])
    found = dict(values(config))[override.partition("=")[0]]
    assert found == value and type(found) is type(value)
    assert not isinstance(value, tuple) or [type(each) for each in found] == [
        type(each) for each in value
    ]


def test_an_override_may_set_a_whole_section(write):
    optim = load_config(write("optim: {decay: 7}"), ["optim={lr: 1e-3, constant: 5}"]).optim
    assert (optim.lr, optim.constant, optim.decay) == (1e-3, 5, 7)


def test_a_section_without_keys_changes_nothing(write):
    assert load_config(write("data:\noptim:\n  # lr: 1\n")) == Config()


@pytest.mark.parametrize(
    ("override", "expected"),
    [
        ("data.crop=32.5", "data.crop: expected a whole number, got '32.5'"),
        ("data.crop=large", "data.crop: expected a whole number, got 'large'"),
        ("data.crop=true", "data.crop: expected a whole number"),
        ("data.crop=[64]", "data.crop: expected a whole number"),
        ("optim.lr=", "optim.lr: expected a number, got ''"),
        ("optim.lr=.nan", "optim.lr: expected a number"),
        ("optim.lr=nan", "optim.lr: expected a number"),
        ("optim.lr=1e999", "optim.lr: expected a number"),
        ("data.flip=1", "data.flip: expected true or false, got '1'"),
        ("data.cartoons=[a]", "data.cartoons: expected text, got ['a']"),
        ("optim.betas=0.5", "optim.betas: expected a list of 2, got '0.5'"),
        ("optim.betas=[0.5, 0.9, 0.9]", "optim.betas: expected a list of 2"),
        ("optim.betas=[0.5, x]", "optim.betas[1]: expected a number, got 'x'"),
        ("model.d_grid.strides=[1, 1.5]", "model.d_grid.strides[1]: expected a whole number"),
    ],
)
def test_a_value_of_another_type_is_named(write, override, expected):
    assert expected in error_of(load_config, write("train: {seed: 1}"), [override])


def test_typed_values_are_checked_as_strictly_as_text():
    assert config_from_dict({"optim": {"lr": 1, "constant": 5.0}}).optim.constant == 5
    for key, value in [
        ("lr", True),
        ("lr", 10**400),
        ("lr", None),
        ("constant", 5.5),
        ("constant", None),
        ("unit", 7),
    ]:
        assert f"optim.{key}: expected" in error_of(config_from_dict, {"optim": {key: value}})
    for key, value in [("cartoons", 7), ("cartoons", None), ("flip", 1), ("flip", None)]:
        assert f"data.{key}: expected" in error_of(config_from_dict, {"data": {key: value}})
    assert "unknown key 'optim.7'" in error_of(config_from_dict, {"optim": {7: 1}})
    assert "unknown key '_base_'" in error_of(config_from_dict, {"_base_": "x.yaml"})
    assert "expected a section" in error_of(config_from_dict, [1])


# Choices and ranges


@pytest.mark.parametrize(
    "key",
    [
        "system",
        "model.cascade",
        "model.gridnet.norm",
        "model.pixelnet.upsampling",
        "model.depixelnet.head",
        "model.d_grid.norm",
        "loss.gan_mode",
        "loss.target",
        "optim.unit",
        "train.device",
    ],
)
def test_an_unknown_choice_is_named_with_the_choices(write, key):
    message = error_of(load_config, write("train: {seed: 1}"), [f"{key}=other"])
    default = dict(values(Config()))[key]
    assert f"{key}: expected one of" in message and default in message
    assert message.endswith("got 'other'")


@pytest.mark.parametrize(
    "key", [key for key, value in values(Config()) if type(value) in (int, float)]
)
def test_no_number_may_be_negative(write, key):
    assert error_of(load_config, write("train: {seed: 1}"), [f"{key}=-1"]).startswith(f"{key}=-1")


@pytest.mark.parametrize(
    ("override", "expected"),
    [
        ("data.crop=31", "data.crop=31 must be at least 32"),
        ("data.min_zoom=0", "data.min_zoom=0.0 must be above 0 and at most 1"),
        ("data.min_zoom=1.1", "data.min_zoom=1.1 must be above 0 and at most 1"),
        ("train.batch_size=0", "train.batch_size=0 must be at least 1"),
        ("train.save_every=0", "train.save_every=0"),
        ("model.temperature=0", "model.temperature=0.0 must be above 0"),
        ("model.d_grid.strides=[]", "model.d_grid.strides=[] is empty"),
        ("model.d_grid.strides=[2, 0]", "model.d_grid.strides=[2, 0]"),
        ("optim.ema_decay=1", "optim.ema_decay=1.0 must be at least 0 and below 1"),
        ("optim.betas=[0.5, 1]", "optim.betas=[0.5, 1.0]"),
        ("optim.lr=0", "optim.lr=0.0 must be above 0"),
        ("train.seed=4294967296", "train.seed=4294967296"),
        ("train.name=", "train.name=''"),
        ("train.name=..", "train.name='..'"),
        ("train.name=a/b", "train.name='a/b'"),
        ("model.scales=[]", "model.scales=[]"),
        ("model.scales=[1/8, 1/4]", "model.scales=['1/8', '1/4']"),
        ("model.scales=[1/4, 1/4]", "model.scales=['1/4', '1/4']"),
        ("model.scales=[1/2]", "model.scales[0]: expected one of 1/4, 3/16, 1/8"),
        ("model.gridnet.head=select", "model.gridnet.head=select"),
        ("model.pixelnet.head=sample", "model.pixelnet.head=sample"),
        ("model.depixelnet.head=select", "model.depixelnet.head=select"),
        ("model.gridnet.upsampling=nearest", "unknown key 'model.gridnet.upsampling'"),
    ],
)
def test_a_value_out_of_range_is_named(write, override, expected):
    assert expected in error_of(load_config, write("train: {seed: 1}"), [override])


def test_the_bounds_themselves_are_allowed(write):
    overrides = [
        "data.crop=32",
        "data.min_zoom=1",
        "data.workers=0",
        "optim.ema_decay=0",
        "optim.betas=[0, 0]",
        "train.seed=4294967295",
        "model.scales=[3/16]",
        "model.d_grid.strides=[1]",
    ]
    load_config(write("train: {seed: 1}"), overrides)


def test_pixelnet_alone_cannot_select_cells(write):
    path = write("model: {cascade: pixelnet_alone, pixelnet: {head: select}}")
    assert "model.pixelnet.head=select" in error_of(load_config, path)
    load_config(path, ["model.pixelnet.head=residual"])


# What only training needs


@pytest.mark.parametrize(
    ("overrides", "expected"),
    [
        (["data.drawings=0"], "data.cartoons is not set"),
        (["data.drawings=0", "data.cartoons=a"], "neither data.sprites"),
        (["data.sprites=a", "data.pictures=b"], "both set: clear one"),
        (
            ["data.pictures=a", "loss.weights.depixel_sprite_output=1"],
            "depixel_sprite_output=1.0 needs sprites",
        ),
        (["optim.constant=0", "optim.decay=0"], "nothing to train"),
        (["model.cascade=gridnet_alone"], "loss.weights.pixel_adversarial=1.0 must be 0"),
        (
            ["model.cascade=pixelnet_alone", "model.pixelnet.head=direct"],
            "loss.weights.grid_adversarial=1.0 must be 0",
        ),
        (
            ["model.d_grid.strides=[2, 2, 2, 1]", "model.d_grid.kernel_size=4"],
            "model.d_grid.strides=[2, 2, 2, 1] leave too little",
        ),
        (["model.d_pixel.strides=[2, 2, 2, 2, 2]"], "an image of 32x32 pixels"),
        (
            ["model.d_grid.norm=instance", "model.d_grid.strides=[2, 2]"],
            "model.d_grid.strides=[2, 2] leave too little",
        ),
        (
            ["model.gridnet.base_channels=12"],
            "model.gridnet.base_channels=12 and model.depixelnet.base_channels=",
        ),
        (["model.pixelnet.base_channels=12"], "and model.pixelnet.base_channels=12 must be equal"),
    ],
)
def test_training_names_what_is_missing_or_contradictory(overrides, expected):
    assert expected in error_of(check_for_training, load_config(CONFIGS / "smoke.yaml", overrides))


def test_training_needs_a_loss():
    config = load_config(CONFIGS / "smoke.yaml")
    silent = replace(
        config.loss.weights,
        **dict.fromkeys((each.name for each in fields(config.loss.weights)), 0.0),
    )
    assert "loss.weights" in error_of(
        check_for_training, replace(config, loss=replace(config.loss, weights=silent))
    )


def test_a_discriminator_without_a_weight_may_be_of_any_depth():
    overrides = ["model.d_pixel.strides=[2, 2, 2, 2, 2]", "loss.weights.pixel_adversarial=0"]
    check_for_training(load_config(CONFIGS / "smoke.yaml", overrides))


@pytest.mark.parametrize("strides", [(2, 2, 2, 1), (1, 2, 1), (2, 2), (2,), (3, 1)])
@pytest.mark.parametrize("kernel_size", [3, 4, 5])
def test_the_depth_check_agrees_with_the_discriminator(shipped, strides, kernel_size):
    d_grid = {"strides": list(strides), "kernel_size": kernel_size}
    for crop in (32, 40, 64, 96):
        values = {"data": {"crop": crop}, "model": {"d_grid": d_grid}}
        config = updated(shipped["smoke"], values)
        judge, side = build_discriminator(config.model.d_grid).eval(), round(crop / 8)
        try:
            fits = judge(torch.zeros(1, 3, side, side)).numel() > 0
        except RuntimeError:
            fits = False
        if fits:
            check_for_training(config)
        else:
            assert "model.d_grid.strides" in error_of(check_for_training, config)


@pytest.mark.parametrize(
    "override",
    [
        "train.batch_size=1000000",
        "optim.constant=10000000000",
        "optim.pool_size=1000000000",
        "data.crop=100000",
        "data.workers=10000",
        "data.drawings=1000000000",
        "model.gridnet.base_channels=1000000",
    ],
)
def test_absurd_numbers_are_refused(write, override):
    key = override.partition("=")[0]
    message = error_of(load_config, write("train: {seed: 1}"), [override])
    assert message.startswith(f"{key}=") and "at most" in message


def test_more_steps_than_names_of_checkpoints_are_refused():
    optim = load_config(CONFIGS / "base.yaml", ["optim.constant=1000000"]).optim
    assert schedule_of(optim, images=10, batch_size=2).constant == 5_000_000
    assert "750,000,000" in error_of(
        lambda: schedule_of(replace(optim, decay=500_000), images=1000, batch_size=2)
    )


# Round trips


def rich_config() -> Config:
    """A configuration with texts and numbers that YAML likes to misread."""
    config = load_config(CONFIGS / "cascade_lite.yaml", ["optim.lr=1e-07", "model.scales=[3/16]"])
    awkward = {
        "cartoons": "on",
        "sprites": "007",
        "val_cartoons": "a: b # c",
        "val_sprites": "Bücher/猫 ☃",
        "licences": " 1e3 ",
    }
    return replace(config, data=replace(config.data, **awkward))


@pytest.mark.parametrize("config", [Config(), rich_config()], ids=["default", "awkward"])
def test_dump_and_load_round_trip(write, config):
    path = write(as_yaml(config))
    assert load_config(path) == config
    assert yaml.safe_load(path.read_text(encoding="utf-8")) == as_dict(config)


def test_dictionaries_round_trip_and_hold_plain_types_only():
    config = rich_config()
    plain = as_dict(config)
    assert config_from_dict(plain) == config

    def check(value):
        assert type(value) in (dict, list, str, int, float, bool)
        for each in value.values() if type(value) is dict else value if type(value) is list else ():
            check(each)

    check(plain)


def test_missing_keys_of_a_dictionary_keep_their_defaults():
    config = config_from_dict({"model": {"gridnet": {"base_channels": 3}}})
    assert config.model.gridnet.base_channels == 3 and config.optim == Config().optim


# The files in configs/


def test_the_promised_files_are_there():
    assert {path.stem for path in SHIPPED} >= {
        "base",
        "smoke",
        "cascade_lite",
        "cascade_base",
        "cascade_paper",
        "gridnet_alone",
        "pixelnet_alone",
        *(f"table1_loss{i}" for i in range(1, 6)),
    }


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.stem)
def test_every_file_loads_explains_itself_and_names_its_run(shipped, path):
    assert shipped[path.stem].train.name == path.stem
    assert path.read_text(encoding="utf-8").startswith("# ")


@pytest.mark.parametrize("path", EXPERIMENTS, ids=lambda path: path.stem)
def test_every_experiment_can_be_trained(shipped, path):
    check_for_training(shipped[path.stem])


def meanings(section, prefix=""):
    """Dotted path and meaning of every key and section, in order."""
    for each in fields(section):
        yield prefix + each.name, each.metadata["meaning"]
        value = getattr(section, each.name)
        if is_dataclass(value):
            yield from meanings(value, f"{prefix}{each.name}.")


def test_base_names_every_key_below_what_its_field_says():
    sections, comment, found = [], [], []
    for line in (CONFIGS / "base.yaml").read_text(encoding="utf-8").splitlines():
        text = line.strip()
        if text.startswith("#"):
            comment.append(text.removeprefix("#").strip())
        elif text:
            name, depth = text.partition(":")[0], (len(line) - len(line.lstrip())) // 2
            sections[depth:] = [name]
            found.append((".".join(sections), " ".join(comment)))
        if not text.startswith("#"):
            comment = []
    assert found == list(meanings(Config()))


def test_every_number_has_a_range():
    for key, value, each in leaves(Config()):
        if type(value) in (int, float):
            assert str(each.metadata["numbers"]), key


def test_the_defaults_are_the_values_of_base(shipped):
    assert shipped["base"] == Config()


@pytest.mark.parametrize(
    "path",
    [p for p in EXPERIMENTS if p.stem not in ("artists", "cyclegan", "turbo")],
    ids=lambda path: path.stem,
)
def test_a_file_says_only_what_differs_from_its_base(shipped, path):
    *_, (base, _), (_, own) = read_layers(path)
    assert base.parent == CONFIGS
    inherited, own_values = (dict(values(shipped[each.stem])) for each in (base, path))

    def repeated(section, prefix=""):
        for name, value in section.items():
            if isinstance(value, dict):
                yield from repeated(value, f"{prefix}{name}.")
            elif own_values[prefix + name] == inherited[prefix + name]:
                yield prefix + name

    # The ablations' losses stay as they are when those of cascade_lite change.
    pinned = (
        {f"loss.weights.{term}" for term in asdict(Config().loss.weights)}
        if path.stem == "ablation"
        else set()
    )
    assert set(repeated(own)) <= pinned


def test_cascade_paper_has_every_constant_of_section_3_4(shipped):
    config = shipped["cascade_paper"]
    assert config.data.crop == 256  # "We resize all images to 256 x 256"
    assert config.optim.pool_size == 30  # "a buffer to store the last 30 generated images"
    assert config.train.batch_size == 1  # "the batch size of 1"
    assert config.optim.lr == config.optim.lr_discriminator == 0.0002  # "all networks"
    assert config.optim.betas == (0.5, 0.999)
    assert (config.optim.unit, config.optim.constant, config.optim.decay) == ("epochs", 100, 150)
    assert config.model.scales == ("1/4", "3/16", "1/8")  # Sec. 3.2.1, as the next ones
    for network in (config.model.gridnet, config.model.pixelnet, config.model.depixelnet):
        assert (network.base_channels, network.num_blocks, network.norm, network.head) == (
            64,
            9,
            "instance",
            "direct",
        )
    assert config.model.pixelnet.upsampling == config.model.depixelnet.upsampling == "deconv"
    assert config.loss.gan_mode == "vanilla"  # Eq. 10
    ours = {
        "depixel_adversarial_forward",
        "depixel_reduced_output",
        "depixel_drawn_output",
        "depixel_sprite_output",
        "grid_isolation",
        "pixel_isolation",
    }
    # the paper adds its terms
    assert {value for key, value in values(config.loss.weights) if key not in ours} == {1.0}


def weights_that_differ(shipped, name: str) -> set[str]:
    """Names of the terms that a config leaves out and ablation.yaml has."""
    common, other = (dict(values(shipped[each].loss.weights)) for each in ("ablation", name))
    changed = {key for key in common if common[key] != other[key]}
    assert all(common[key] > 0 and other[key] == 0 for key in changed)
    return changed


def test_table_1_leaves_out_one_loss_each(shipped):
    terms = [key for key, weight in values(shipped["ablation"].loss.weights) if weight]
    for number, kind in ((1, "gradient"), (2, "mirror"), (3, "adversarial")):
        left_out = weights_that_differ(shipped, f"table1_loss{number}")
        assert left_out == {term for term in terms if kind in term}
    for number in (4, 5):
        assert weights_that_differ(shipped, f"table1_loss{number}") == set()


def test_the_ablations_differ_from_each_other_in_nothing_else(shipped):
    configs = {name: config for name, config in shipped.items() if name.startswith("table1")}
    reference = configs["table1_loss5"]
    assert (
        reference.optim.unit == "steps" and reference.optim.constant + reference.optim.decay == 2000
    )
    for name, config in configs.items():
        assert config.model.scales == (
            ("3/16",) if name == "table1_loss4" else ("1/4", "3/16", "1/8")
        )
        same = replace(
            config, loss=reference.loss, model=replace(config.model, scales=reference.model.scales)
        )
        assert replace(same, train=reference.train) == reference
        assert replace(config.train, name="") == replace(reference.train, name="")


def test_the_variants_of_fig_9_drop_one_network_and_its_losses(shipped):
    common = values(shipped["ablation"].loss.weights)
    for name, absent in (("gridnet_alone", "pixel_"), ("pixelnet_alone", "grid_")):
        config = shipped[name]
        assert config.model.cascade == name
        assert weights_that_differ(shipped, name) == {
            key for key, weight in common if weight and key.startswith(absent)
        }
    assert config.model.pixelnet.head == "residual"
