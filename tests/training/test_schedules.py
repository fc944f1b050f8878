"""Learning rates by the step."""

from pixelization.training.schedules import Schedule, steps_per_epoch


def test_learning_rate_is_constant_then_linear():
    schedule = Schedule(constant=2, decay=4)
    assert [schedule.factor(step) for step in range(7)] == [1, 1, 1, 0.75, 0.5, 0.25, 0]
    assert schedule.steps == 6


def test_an_epoch_of_steps_shows_every_image():
    assert [steps_per_epoch(images, 2) for images in (1, 4, 5)] == [1, 2, 3]
