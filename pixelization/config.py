"""The experiment's configuration: frozen dataclasses, filled from YAML and ``key.sub=value``.

Order of precedence: defaults below < the file named by ``_base_`` < the file < overrides.
"""

from dataclasses import dataclass, field


@dataclass(frozen=True)
class DataConfig:
    cartoons: str = ""            # folder with cartoons (domain A)
    sprites: str = ""             # folder with native-resolution sprites (domain B): 1 px = 1 cell
    pictures: str = ""            # or: folder with full-size pixel art of unknown cell size (plain trainB)
    val_cartoons: str = ""        # folder for the sample sheets; empty: the first training cartoons
    val_sprites: str = ""
    crop: int = 128               # side of the square training crop, in pixels
    min_zoom: float = 1.0         # cartoons are resized by a random factor in [min_zoom, 1] before the crop
    flip: bool = True             # random horizontal flip, both domains
    permute_colors: bool = False  # random permutation of the RGB channels, both domains
    workers: int = 1              # loader processes; 0 loads in the training process


@dataclass(frozen=True)
class GeneratorConfig:
    base_channels: int = 64       # the field's ngf
    num_blocks: int = 9           # residual blocks
    norm: str = "instance"        # instance | instance_affine | none
    upsampling: str = "deconv"    # deconv | nearest (resize, then convolution); GridNet has none
    head: str = "direct"          # GridNet: direct | residual | sample; PixelNet: direct | residual | select; DepixelNet: direct | residual


@dataclass(frozen=True)
class DiscriminatorConfig:
    base_channels: int = 64                       # the field's ndf
    kernel_size: int = 4
    strides: tuple[int, ...] = (2, 2, 2, 1)       # one convolution each; (2, 2, 2, 1) with kernel 4 is the 70x70 PatchGAN
    norm: str = "instance"                        # instance | spectral | none


@dataclass(frozen=True)
class ModelConfig:
    cascade: str = "full"         # full | gridnet_alone | pixelnet_alone (Fig. 9)
    scales: tuple[str, ...] = ("1/4", "3/16", "1/8")   # a subset, largest first; Loss4 of Table 1 keeps one
    sharpen: bool = True          # sample head: candidates come from the contrast-toggled source
    temperature: float = 0.25     # softmax temperature of the selecting heads' backward pass
    gridnet: GeneratorConfig = field(default_factory=GeneratorConfig)
    pixelnet: GeneratorConfig = field(default_factory=GeneratorConfig)
    depixelnet: GeneratorConfig = field(default_factory=GeneratorConfig)
    d_grid: DiscriminatorConfig = field(default_factory=DiscriminatorConfig)
    d_pixel: DiscriminatorConfig = field(default_factory=DiscriminatorConfig)
    d_depixel: DiscriminatorConfig = field(default_factory=DiscriminatorConfig)


@dataclass(frozen=True)
class WeightsConfig:
    """Weight of every term of the objective; 0 switches a term off (it is then not computed)."""

    grid_adversarial: float = 1.0         # Eq. 1, 10
    grid_l1: float = 10.0                 # Eq. 11, 14
    grid_gradient: float = 1.0            # Eq. 11, 15
    grid_backward_l1: float = 10.0        # Eq. 1 (B)
    grid_backward_gradient: float = 1.0   # Eq. 1 (B)
    pixel_adversarial: float = 1.0        # Eq. 2
    pixel_l1: float = 10.0                # Eq. 12, 14
    pixel_gradient: float = 1.0           # Eq. 12, 15
    pixel_mirror_features: float = 1.0    # Eq. 7, 8
    pixel_mirror_output: float = 10.0     # Eq. 7, 9
    depixel_adversarial: float = 1.0      # Eq. 3
    depixel_l1: float = 10.0              # Eq. 13
    depixel_gradient: float = 1.0         # Eq. 13
    depixel_mirror_features: float = 1.0  # Eq. 4, 5
    depixel_mirror_output: float = 10.0   # Eq. 4, 6


@dataclass(frozen=True)
class LossConfig:
    gan_mode: str = "lsgan"       # lsgan | vanilla (Eq. 10)
    target: str = "stroke"        # what L1 and gradient compare with: nearest | area | stroke
    weights: WeightsConfig = field(default_factory=WeightsConfig)


@dataclass(frozen=True)
class OptimConfig:
    lr: float = 2e-4
    lr_discriminator: float = 2e-4
    betas: tuple[float, float] = (0.5, 0.999)
    unit: str = "epochs"          # epochs | steps: the unit of the two numbers below
    constant: int = 100           # at the full learning rate
    decay: int = 150              # then linearly to zero; training ends after constant + decay
    clip_norm: float = 0.0        # largest gradient norm of a player; 0: no clipping
    pool_size: int = 30           # history buffer of fakes (Shrivastava et al. 2017); 0: none
    ema_decay: float = 0.999      # of the generators; what is shipped


@dataclass(frozen=True)
class TrainConfig:
    name: str = "run"             # the run folder is out/name
    out: str = "runs"
    seed: int = 0
    batch_size: int = 1           # over all processes together
    device: str = "auto"          # auto | cpu | cuda
    bf16: bool = True             # autocast on CUDA; never on the CPU, where it is slower
    channels_last: bool = True
    max_minutes: float = 0.0      # wall-clock budget: save and stop cleanly; 0: none
    save_every: int = 500         # steps
    log_every: int = 20           # steps
    sample_every: int = 1000      # steps
    keep: int = 2                 # checkpoints kept


@dataclass(frozen=True)
class Config:
    data: DataConfig = field(default_factory=DataConfig)
    model: ModelConfig = field(default_factory=ModelConfig)
    loss: LossConfig = field(default_factory=LossConfig)
    optim: OptimConfig = field(default_factory=OptimConfig)
    train: TrainConfig = field(default_factory=TrainConfig)
