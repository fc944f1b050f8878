"""Short runs that tests of several systems make."""

from pixelization.training.config import build_system, load_config
from pixelization.training.run import build_trainer


def trained(path, steps, state=None, overrides=()):
    """The trainer of a configuration after so many steps from ``state``, and its losses."""
    config = load_config(path, overrides)
    system = build_system(config)
    trainer = build_trainer(config, system)
    if state:
        trainer.load_state_dict(state)
    batches = system.data.batches(
        batch_size=config.train.batch_size, start_step=trainer.step, steps=steps
    )
    return trainer, [trainer.train_step(batch) for batch in batches]
