"""Signals are noted once, act as ever the second time, and stay ignored where they were."""

import signal
import threading

import pytest

from pixelization.interrupts import SIGNALS, Interrupts


@pytest.mark.parametrize("number", SIGNALS)
def test_the_first_signal_is_noted_and_the_second_acts(number):
    seen = []
    before = signal.signal(number, lambda *_: seen.append(number))
    try:
        with Interrupts() as interrupts:
            signal.raise_signal(number)
            assert interrupts.number == number and interrupts.name == number.name and not seen
            signal.raise_signal(number)
            assert seen == [number]
        interrupts.act()
        assert seen == [number, number]
    finally:
        signal.signal(number, before)


def test_without_a_signal_nothing_happens_and_handlers_come_back():
    before = [signal.getsignal(number) for number in SIGNALS]
    with Interrupts() as interrupts:
        assert signal.getsignal(signal.SIGINT) not in before
    assert [signal.getsignal(number) for number in SIGNALS] == before
    interrupts.act()
    assert interrupts.number is None and interrupts.name == ""


def test_what_was_ignored_stays_ignored():
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)
    try:
        with Interrupts() as interrupts:
            signal.raise_signal(signal.SIGHUP)
        assert interrupts.number is None
    finally:
        signal.signal(signal.SIGHUP, before)


def test_another_thread_notes_nothing():
    noted = []
    thread = threading.Thread(target=lambda: noted.append(Interrupts().__enter__().number))
    thread.start()
    thread.join()
    assert noted == [None]
