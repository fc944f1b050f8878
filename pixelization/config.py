"""The experiment's configuration: frozen dataclasses, filled from YAML and ``key.sub=value``.

``configs/base.yaml`` explains every key; the defaults are its values. Order of precedence: defaults < the file named by
``_base_`` < the file < overrides. Folders are relative to the current directory, ``_base_`` to the file that names it.
"""

import difflib
import math
import reprlib
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field, fields, is_dataclass, replace
from fractions import Fraction
from pathlib import Path
from typing import Any, Literal, TypeVar, get_args, get_origin

import yaml

from pixelization.errors import UserError
from pixelization.cells.sizes import cells_along

Section = TypeVar("Section")
MAX_BYTES = 1_000_000  # of a configuration file; a larger one is something else, such as weights


@dataclass(frozen=True)
class DataConfig:
    """Training images, and how samples are made of them."""

    cartoons: str = ""
    sprites: str = ""
    pictures: str = ""
    val_cartoons: str = ""
    val_sprites: str = ""
    crop: int = 256
    min_zoom: float = 1.0
    flip: bool = False
    permute_colors: bool = False
    workers: int = 1
    licences: str = ""


@dataclass(frozen=True)
class GeneratorConfig:
    """GridNet, and what the other generators share with it."""

    base_channels: int = 64
    num_blocks: int = 9
    norm: Literal["instance", "instance_affine", "none"] = "instance"
    head: Literal["direct", "residual", "sample", "select", "mix"] = "direct"


@dataclass(frozen=True)
class TranslatorConfig(GeneratorConfig):
    """PixelNet or DepixelNet."""

    upsampling: Literal["deconv", "nearest"] = "deconv"


@dataclass(frozen=True)
class DiscriminatorConfig:
    """A PatchGAN."""

    base_channels: int = 64
    kernel_size: int = 4
    strides: tuple[int, ...] = (2, 2, 2, 1)
    norm: Literal["instance", "spectral", "none"] = "instance"


@dataclass(frozen=True)
class ModelConfig:
    """All networks. Weights carry it, so its keys and what they mean must last."""

    cascade: Literal["full", "gridnet_alone", "pixelnet_alone"] = "full"
    scales: tuple[Literal["1/4", "3/16", "1/8"], ...] = ("1/4", "3/16", "1/8")
    sharpen: bool = True
    temperature: float = 0.25
    margin: float = 0.0
    grid_margin: float = 0.0
    gridnet: GeneratorConfig = field(default_factory=GeneratorConfig)
    pixelnet: TranslatorConfig = field(default_factory=TranslatorConfig)
    depixelnet: TranslatorConfig = field(default_factory=TranslatorConfig)
    d_grid: DiscriminatorConfig = field(default_factory=lambda: DiscriminatorConfig(strides=(2, 2, 1)))
    d_pixel: DiscriminatorConfig = field(default_factory=DiscriminatorConfig)
    d_depixel: DiscriminatorConfig = field(default_factory=DiscriminatorConfig)

    @property
    def fractions(self) -> tuple[Fraction, ...]:
        """The scales as numbers."""
        return tuple(Fraction(scale) for scale in self.scales)


@dataclass(frozen=True)
class WeightsConfig:
    """Weight of every term of the objective; 0 switches a term off (it is then not computed)."""

    grid_adversarial: float = 1.0
    grid_l1: float = 1.0
    grid_gradient: float = 1.0
    grid_backward_l1: float = 1.0
    grid_backward_gradient: float = 1.0
    pixel_adversarial: float = 1.0
    pixel_l1: float = 1.0
    pixel_gradient: float = 1.0
    pixel_mirror_features: float = 1.0
    pixel_mirror_output: float = 1.0
    depixel_adversarial: float = 1.0
    depixel_adversarial_forward: float = 0.0
    depixel_l1: float = 1.0
    depixel_gradient: float = 1.0
    depixel_mirror_features: float = 1.0
    depixel_mirror_output: float = 1.0
    depixel_reduced_output: float = 0.0
    depixel_drawn_output: float = 0.0
    depixel_sprite_output: float = 0.0
    grid_isolation: float = 0.0
    pixel_isolation: float = 0.0


@dataclass(frozen=True)
class LossConfig:
    """The objective."""

    gan_mode: Literal["vanilla", "lsgan"] = "vanilla"
    target: Literal["nearest", "area", "stroke"] = "area"
    weights: WeightsConfig = field(default_factory=WeightsConfig)


@dataclass(frozen=True)
class OptimConfig:
    """Optimizers, schedule, and what steadies them."""

    lr: float = 2e-4
    lr_discriminator: float = 2e-4
    betas: tuple[float, float] = (0.5, 0.999)
    unit: Literal["epochs", "steps"] = "epochs"
    constant: int = 100
    decay: int = 150
    clip_norm: float = 0.0
    pool_size: int = 30
    ema_decay: float = 0.0


@dataclass(frozen=True)
class TrainConfig:
    """The run: where it computes, and what it writes how often."""

    name: str = "base"
    out: str = "runs"
    init: str = ""
    seed: int = 0
    batch_size: int = 1
    device: Literal["auto", "cpu", "cuda"] = "auto"
    bf16: bool = True
    channels_last: bool = True
    max_minutes: float = 0.0
    save_every: int = 500
    log_every: int = 20
    sample_every: int = 1000
    keep: int = 2


@dataclass(frozen=True)
class Config:
    """A whole experiment."""

    data: DataConfig = field(default_factory=DataConfig)
    model: ModelConfig = field(default_factory=ModelConfig)
    loss: LossConfig = field(default_factory=LossConfig)
    optim: OptimConfig = field(default_factory=OptimConfig)
    train: TrainConfig = field(default_factory=TrainConfig)


def load_config(path: str | Path, overrides: Iterable[str] = ()) -> Config:
    """Read a configuration from a YAML file.

    Args:
        path: the file; ``_base_: other.yaml`` in it (relative to it) names a file that it refines, which may do the same.
        overrides: ``key.sub=value``, with the value in YAML, as ``optim.betas=[0.5, 0.9]``; the last one wins.

    Raises:
        UserError: a file is missing or no YAML mapping; a key is unknown; a value is of the wrong type or out of range.
    """
    config = load_dataclass(Config(), path, overrides)
    _validate(config)
    return config


def load_dataclass(config: Section, path: str | Path, overrides: Iterable[str] = ()) -> Section:
    """Fill any frozen dataclass as :func:`load_config` does; its ranges are left to the caller.

    Args:
        config: the defaults; fields are texts, numbers, booleans, literals, dataclasses, or tuples of these.
        path, overrides: see :func:`load_config`.

    Raises:
        UserError: a file is missing or no YAML mapping; a key is unknown; a value is of the wrong type.
    """
    for source, values in [*read_layers(Path(path)), *map(_override_layer, overrides)]:
        try:
            config = _updated(config, values)
        except UserError as error:
            raise UserError(f"{source}: {error}") from None
    return config


def config_from_dict(values: dict) -> Config:
    """Build a configuration from what :func:`config_to_dict` made; missing keys keep their defaults.

    Raises:
        UserError: a key is unknown; a value is of the wrong type or out of range.
    """
    config = _updated(Config(), values)
    _validate(config)
    return config


def config_to_dict(config: Config) -> dict:
    """Nested dictionaries of lists, strings, numbers and booleans."""

    def plain(value: Any) -> Any:
        if isinstance(value, dict):
            return {name: plain(each) for name, each in value.items()}
        return list(value) if isinstance(value, tuple) else value

    return plain(asdict(config))


def dump_config(config: Config) -> str:
    """YAML that :func:`load_config` reads back as an equal configuration."""
    return yaml.safe_dump(config_to_dict(config), sort_keys=False, allow_unicode=True)


def validate_for_training(config: Config) -> None:
    """Check what only training needs.

    Raises:
        UserError: data folders are missing or contradict each other; the losses do not fit the data or the networks;
            a discriminator is too deep for its images.
    """
    data, model, weights = config.data, config.model, asdict(config.loss.weights)
    if not data.cartoons:
        raise UserError("data.cartoons is not set: name the folder with the cartoons")
    if bool(data.sprites) == bool(data.pictures):
        problem = "both are set; clear one, as with data.sprites=" if data.sprites else "neither is set"
        raise UserError(f"set either data.sprites (native resolution) or data.pictures (full size): {problem}")
    if weights["depixel_sprite_output"] and data.pictures:
        problem = f"loss.weights.depixel_sprite_output={weights['depixel_sprite_output']} needs sprites at native resolution"
        raise UserError(f"{problem}: set data.sprites instead of data.pictures, or the weight to 0")
    if config.optim.constant + config.optim.decay == 0:
        raise UserError("optim.constant and optim.decay are both 0: there is nothing to train")
    if not any(weights.values()):
        raise UserError("all of loss.weights are 0: there is nothing to train")

    absent = {"full": None, "gridnet_alone": "pixel", "pixelnet_alone": "grid"}[model.cascade]
    for name, weight in weights.items():
        if weight and name.split("_")[0] == absent:
            raise UserError(f"loss.weights.{name}={weight} must be 0: model.cascade={model.cascade} has no such network")

    first = "pixelnet" if model.cascade == "pixelnet_alone" else "gridnet"
    mirrors = {"depixel_mirror_features": (first, "depixelnet"), "pixel_mirror_features": ("depixelnet", "pixelnet")}
    for term, names in mirrors.items():
        widths = {name: getattr(model, name).base_channels for name in names}
        if weights[term] and len(set(widths.values())) > 1:
            unequal = " and ".join(f"model.{name}.base_channels={width}" for name, width in widths.items())
            raise UserError(f"loss.weights.{term}={weights[term]} compares features: {unequal} must be equal, or the weight 0")

    smallest = cells_along(data.crop, min(model.fractions))
    for name, side in (("grid", smallest), ("pixel", data.crop), ("depixel", data.crop)):
        judge = getattr(model, f"d_{name}")
        left = side
        enough = True
        for index, stride in enumerate((*judge.strides, 1)):  # as in PatchDiscriminator: padding 1, one more layer for the logits
            left = (left + 2 - judge.kernel_size) // stride + 1
            normalised = judge.norm == "instance" and 0 < index < len(judge.strides)
            enough &= left >= (2 if normalised else 1)  # one pixel has no variance
        if not enough and any(weight for term, weight in weights.items() if term.startswith(f"{name}_adversarial")):
            problem = f"model.d_{name}.strides={list(judge.strides)} leave too little of an image of {side}x{side} pixels"
            raise UserError(f"{problem}, its smallest: use fewer or smaller strides or a larger data.crop")


class _Loader(yaml.BaseLoader):
    """Reads every scalar as text, to be coerced by the type of its field: YAML's own guesses take ``on`` for a boolean,
    ``010`` for 8 and ``1e-4`` for a string. A key that occurs twice is an error; YAML forgets the first."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict:
        mapping = super().construct_mapping(node, deep)
        if len(mapping) < len(node.value):
            raise yaml.constructor.ConstructorError(None, None, "a key occurs twice in the section", node.start_mark)
        return mapping


def _parse(text: str | bytes, source: str) -> Any:
    try:
        return yaml.load(text, _Loader)  # safe: a BaseLoader makes strings, lists and dictionaries only
    except (yaml.YAMLError, RecursionError) as error:
        mark = getattr(error, "problem_mark", None)
        where = f" in line {mark.line + 1}" if mark else ""
        reason = getattr(error, "problem", None) or getattr(error, "reason", None) or "nested too deeply"
        raise UserError(f"{source}: not valid YAML{where}: {reason}") from None


def _override_layer(override: str) -> tuple[str, dict]:
    """Where the values come from, for messages, and the values."""
    key, equals, text = override.partition("=")
    if not equals or not all(key.split(".")):
        raise UserError(f"override {override!r} is not of the form key.sub=value, as optim.lr=1e-4")
    values = _parse(text, f"override {override!r}")
    for name in reversed(key.split(".")):
        values = {name: "" if values is None else values}
    return f"override {override!r}", values


def read_layers(path: Path) -> list[tuple[Path, dict]]:
    """A file and its bases with their values, the deepest base first."""
    layers: list[tuple[Path, dict]] = []
    while True:
        values = _read_mapping(path)  # first: it says what is wrong with a name that cannot be resolved
        if path.resolve() in [seen.resolve() for seen, _ in layers]:
            raise UserError(f"{path}: is its own _base_, directly or by way of others; break the circle")
        layers.insert(0, (path, values))
        if "_base_" not in values:
            return layers
        base = values.pop("_base_")
        if not isinstance(base, str) or not base:
            raise UserError(f"{path}: _base_ must name one file, got {reprlib.repr(base)}")
        path = path.parent / base


def _read_mapping(path: Path) -> dict:
    try:
        with open(path, "rb") as file:
            text = file.read(MAX_BYTES + 1)
    except (OSError, ValueError) as error:  # ValueError: a name that no file can have
        reason = getattr(error, "strerror", None) or error
        raise UserError(f"{path}: cannot read the configuration: {reason}; give a YAML file") from None
    if len(text) > MAX_BYTES:
        raise UserError(f"{path}: too large for a configuration; give a YAML file, see configs/")
    values = _parse(text, str(path))
    if not isinstance(values, dict):
        problem = "is empty" if values is None else "has no keys"
        raise UserError(f"{path}: {problem}; a configuration has sections such as 'data:', see configs/")
    return values


def _updated(section: Any, values: Any, prefix: str = "", whole: Any = None) -> Any:
    """The dataclass ``section`` of ``whole`` with ``values`` put in, coerced to the types of its fields."""
    whole = whole or section
    if values == "":  # a section whose keys are all commented out
        return section
    if not isinstance(values, dict):
        raise UserError(f"{prefix[:-1] or 'configuration'}: expected a section with keys, got {reprlib.repr(values)}")
    types = {each.name: each.type for each in fields(section)}
    changes = {}
    for name, value in values.items():
        key = f"{prefix}{name}"
        if name not in types:
            # The nearest name of this section, else a key of that name in another.
            near = [prefix + each for each in difflib.get_close_matches(str(name), types, n=1)]
            near += [each for each in _leaves(whole) if each.split(".")[-1] == name]
            advice = f"did you mean '{near[0]}'?" if near else f"there are {', '.join(types)}"
            raise UserError(f"unknown key '{key}'; {advice}")
        if is_dataclass(types[name]):
            changes[name] = _updated(getattr(section, name), value, f"{key}.", whole)
        else:
            changes[name] = _coerced(value, types[name], key)
    return replace(section, **changes)


def _coerced(value: Any, kind: Any, key: str) -> Any:
    """``value``, or the text of one, as the type ``kind`` of the field ``key``."""
    options = get_args(kind)
    if is_dataclass(kind):  # in a list of sections
        return _updated(kind(), value, f"{key}.")
    if get_origin(kind) is tuple:
        endless = options[-1] is Ellipsis
        expected = "a list" if endless else f"a list of {len(options)}"
        if isinstance(value, (list, tuple)) and (endless or len(value) == len(options)):
            return tuple(_coerced(each, options[0 if endless else i], f"{key}[{i}]") for i, each in enumerate(value))
    elif get_origin(kind) is Literal:
        expected = "one of " + ", ".join(options)
        if value in options:
            return value
    elif kind is str:
        expected = "text"
        if isinstance(value, str):
            return value
    elif kind is bool:
        expected = "true or false"
        words = {"true": True, "yes": True, "on": True, "false": False, "no": False, "off": False}
        truth = words.get(value.lower()) if isinstance(value, str) else value
        if isinstance(truth, bool):
            return truth
    else:
        expected = "a whole number" if kind is int else "a number"
        try:
            number = math.nan if isinstance(value, bool) else float(value)
        except (TypeError, ValueError, OverflowError):
            number = math.nan
        if abs(number) <= 2**53 and number == kind(number):  # finite, and exact as an integer
            return kind(number)
    raise UserError(f"{key}: expected {expected}, got {reprlib.repr(value)}")


def _leaves(section: Any, prefix: str = "") -> dict[str, Any]:
    """Every value by its dotted path."""
    leaves = {}
    for each in fields(section):
        value, key = getattr(section, each.name), prefix + each.name
        leaves |= _leaves(value, f"{key}.") if is_dataclass(value) else {key: value}
    return leaves


# What a number must be, and the names of the keys that it holds for, in whatever section they are.
_RANGES = (
    ("at least 32", lambda x: x >= 32, ["crop"]),
    ("above 0 and at most 1", lambda x: 0 < x <= 1, ["min_zoom"]),
    ("above 0", lambda x: x > 0, ["temperature", "lr", "lr_discriminator"]),
    ("at least 0 and below 1", lambda x: 0 <= x < 1, ["betas", "ema_decay"]),
    ("at least 0 and below 2^32", lambda x: 0 <= x < 2**32, ["seed"]),
    ("at least 1", lambda x: x >= 1, ["base_channels", "num_blocks", "kernel_size", "strides", "batch_size",
                                      "save_every", "log_every", "sample_every", "keep"]),
    ("at least 0", lambda x: x >= 0, ["workers", "constant", "decay", "clip_norm", "pool_size", "max_minutes",
                                      "margin", "grid_margin", *(each.name for each in fields(WeightsConfig))]),
)  # fmt: skip


def _validate(config: Config) -> None:
    """Check ranges, and what spans several keys."""
    for key, value in _leaves(config).items():
        values = value if isinstance(value, tuple) else (value,)
        for allowed, holds, names in _RANGES:
            if key.split(".")[-1] in names and not (values and all(map(holds, values))):
                shown = list(value) if isinstance(value, tuple) else value
                raise UserError(f"{key}={shown} must be {allowed}")
    model, name = config.model, config.train.name
    if not model.scales or list(model.scales) != sorted(set(model.scales), key=Fraction, reverse=True):
        raise UserError(f"model.scales={list(model.scales)} must name at least one scale, each once, the largest first")
    for network, own in (("gridnet", "sample"), ("pixelnet", "select"), ("depixelnet", "mix")):
        if (head := getattr(model, network).head) not in (own, "direct", "residual"):
            raise UserError(f"model.{network}.head={head} is not for this network: use {own}, residual or direct")
    if model.cascade == "pixelnet_alone" and model.pixelnet.head == "select":
        raise UserError("model.pixelnet.head=select needs a GridNet's cells: use residual or direct with pixelnet_alone")
    if name in ("", "..") or Path(name).name != name:
        raise UserError(f"train.name={name!r} must be the name of a folder in train.out, without '/'")
