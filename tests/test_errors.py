"""How a message is worded."""

from pixelization.errors import (
    UserError,
    advice,
    is_lack_of_memory,
    nearest,
    one_line,
    reason,
    shortened,
    unexpected,
)


def test_messages_have_one_line():
    assert one_line(ValueError("by\n  zero")) == "by zero"


def test_a_reason_is_never_none():
    assert reason(OSError(28, "No space left on device", "a.png")) == "No space left on device"
    assert reason(OSError("the folder is gone")) == "the folder is gone"
    assert reason(ValueError("embedded null byte")) == "embedded null byte"


def test_lack_of_memory_is_told_apart_from_other_errors():
    torch_on_the_cpu = RuntimeError("DefaultCPUAllocator: can't allocate memory: you tried ...")
    torch_on_a_gpu = type("OutOfMemoryError", (RuntimeError,), {})("CUDA out of memory")
    for error in (MemoryError(), torch_on_the_cpu, torch_on_a_gpu):
        assert is_lack_of_memory(error) and "too little memory" in unexpected(error)
    assert not is_lack_of_memory(RuntimeError("shapes differ"))


def test_advice_is_the_nearest_name_or_all_of_them():
    assert advice("bicubik", ["nearest", "bicubic"]) == "did you mean 'bicubic'?"
    assert advice("x", iter(["nearest", "bicubic"])) == "there are nearest, bicubic"


def test_a_long_message_keeps_its_beginning_and_its_end():
    message = str(UserError(f"a.yaml: unknown key '{'x' * 10**6}'; mend it"))
    assert len(message) <= 2000
    assert message.startswith("a.yaml: unknown key") and message.endswith("mend it")
    assert shortened("abc", 3) == "abc" and shortened("a" * 50 + "b" * 50, 9) == "aaa...bbb"


def test_a_name_of_a_megabyte_is_compared_with_nothing():
    assert nearest("x" * 10**6, ["x" * 10**6]) == [] and nearest("palete", ["palette"])
    assert advice("x" * 10**6, ["size", "palette"]) == "there are size, palette"
