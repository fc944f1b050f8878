"""What the benchmark makes of what its contestants measure."""

from contextlib import ExitStack, nullcontext
from pathlib import Path

import pytest

from pixelization.errors import UserError
from tests.make import tool_module

ROOT = Path(__file__).parents[2]


@pytest.fixture
def tool():
    with tool_module("benchmark") as module:
        yield module


def test_contestants_take_turns_and_the_median_of_all_but_the_first_counts(tool):
    order, times = [], {"a": iter([100, 3, 1, 2]), "b": iter([0, 5, 7, 6])}

    def action(name):
        order.append(name)
        return tool.Took(cpu=next(times[name]), peak=len(order))

    took = tool.in_turns({name: lambda name=name: action(name) for name in "ab"}, 3)
    assert "".join(order) == "abababab"
    assert (took["a"].cpu, took["b"].cpu, took["a"].peak) == (2, 6, 5)


def test_what_is_never_warm_counts_from_the_first_call_on(tool):
    cpu = iter([9, 1, 5])
    took = tool.in_turns({("a", 1): lambda: tool.Took(cpu=next(cpu))}, 3, warm=False)
    assert took["a", 1].cpu == 5


def test_the_machine_is_measured_in_a_process_of_its_own(tool):
    with tool.Contestant("machine", ROOT, 1) as machine:
        took = machine.run("gemm")
    assert 0 < took.cpu < 30 and machine.process.poll() is not None


def test_the_peak_of_a_command_is_its_own(tool):
    with tool.Contestant("commands", ROOT, 1) as runner:
        took = tool.command(runner, ROOT, "-c", "print('x' * 100)")
        with pytest.raises(UserError, match="failed at process"):
            tool.command(runner, ROOT, "-c", "raise SystemExit(3)")
    assert 3 < took.peak < 60 and took.cpu > 0


def test_who_cannot_start_is_an_error(tool, tmp_path):
    (tmp_path / "pixelization.py").write_text("raise ImportError('none here')")
    with pytest.raises(UserError, match="onnx: does not start"):
        tool.Contestant("onnx", tmp_path, 1)


def test_who_must_be_there_is_an_error_and_others_are_left_out(tool, tmp_path, monkeypatch, capsys):
    def contestant(name, package, threads):
        if name == "missing":
            raise UserError(f"{name}: does not start")
        return nullcontext(name)

    monkeypatch.setattr(tool, "Contestant", contestant)
    setting = tool.Setting(None, tmp_path, 1, 5, 10, "")
    with ExitStack() as stack:
        beside = ["missing", "reference", "torch"]
        assert setting.contestants(stack, "onnx", beside=beside) == ["onnx", "torch"]
        assert "left out: missing: does not start" in capsys.readouterr().err
        with pytest.raises(UserError, match="missing: does not start"):
            setting.contestants(stack, "onnx", "missing")


def test_a_reference_that_is_a_folder_is_taken_as_it_is_and_an_unknown_commit_is_said(
    tool, tmp_path
):
    with tool.checkout(str(tmp_path)) as found:
        assert found == tmp_path.resolve()
    with pytest.raises(UserError, match="no-such-commit"), tool.checkout("no-such-commit"):
        pass


def test_the_page_says_which_bars_hold(tool, tmp_path, capsys):
    page = tool.Page()
    page.bar("cold", "at most 1 s", "0.6 s", True)
    page.bar("memory", "at most 1 GiB", "2 GiB", False)
    page.table("Title", "What it is.", ["what", "s"], [["a", "1"]])
    setting = tool.Setting(None, tmp_path, 1, 5, 10, "")
    text = tool.page_text(page, setting, "tools/benchmark.py")
    assert "| cold | at most 1 s | 0.6 s | yes |" in text
    assert "| memory | at most 1 GiB | 2 GiB | **no** |" in text
    assert "## Title\nWhat it is.\n\n| what | s |\n| --- | --- |\n| a | 1 |" in text
    assert "## Title" in capsys.readouterr().out


def test_one_run_makes_the_page_and_a_section_that_fails_does_not_lose_the_others(
    tool, tmp_path, monkeypatch, capsys
):
    def measured(title):
        return lambda setting, page: page.table(title, "", ["what"], [[str(setting.rounds)]])

    def failing(setting, page):
        raise UserError("torch: failed at whole")

    sections = {"cold": measured("Cold"), "sizes": failing, "batch": measured("Batch")}
    monkeypatch.setattr(tool, "SECTIONS", sections)
    page = tmp_path / "my speed.md"
    assert tool.main(["--rounds", "2", "--markdown", str(page)]) == 1
    text = page.read_text()
    assert f"Made by\n```\ntools/benchmark.py --rounds 2 --markdown '{page}'\n```" in text
    assert text.index("## Cold") < text.index("## Batch") and "sizes" not in text
    assert "sizes: left out: torch: failed at whole" in capsys.readouterr().err


def test_a_run_that_is_stopped_leaves_the_sections_before(tool, tmp_path, monkeypatch):
    def stopped(setting, page):
        raise KeyboardInterrupt

    sections = {"cold": lambda setting, page: page.bar("b", "", "", True), "sizes": stopped}
    monkeypatch.setattr(tool, "SECTIONS", sections)
    page = tmp_path / "speed.md"
    assert tool.main(["--markdown", str(page)]) == 130  # as shells tell of Ctrl-C
    assert "| b |" in page.read_text()
