"""What tests of several commands need."""

import signal

import pytest


@pytest.fixture
def signals_arrive():
    """As in a terminal: ``nohup`` and jobs in the background have some ignored, and what they start
    inherits that.
    """
    before = {
        signal.SIGINT: signal.signal(signal.SIGINT, signal.default_int_handler),
        signal.SIGTERM: signal.signal(signal.SIGTERM, signal.SIG_DFL),
        signal.SIGHUP: signal.signal(signal.SIGHUP, signal.SIG_DFL),
    }
    yield
    for number, handler in before.items():
        signal.signal(number, handler)
