"""The best device is taken unless the user names one; where there is no room, smaller, then on the processor."""

import contextlib

import pytest
import torch

from editor.engines.contract import Cancelled
from editor.engines.networks.devices import (
    Device,
    Place,
    autocast,
    check_name,
    choose,
    devices,
    run_with_fallback,
)
from editor.errors import UserError

CARD = Place("cuda", "float16")


@pytest.fixture(autouse=True)
def plain_processor(monkeypatch):
    """One that is not made for half precision."""
    monkeypatch.setattr(torch.cpu, "_is_avx512_bf16_supported", lambda: False)


@pytest.fixture
def two_cards(monkeypatch):
    """A machine with two graphics cards, the second of them old."""
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    monkeypatch.setattr(torch.cuda, "device_count", lambda: 2)
    monkeypatch.setattr(torch.cuda, "get_device_name", lambda number: f"Card {number}")
    monkeypatch.setattr(torch.cuda, "get_device_capability", lambda name: (5, 0) if name == "cuda:1" else (8, 6))


def test_every_machine_has_a_processor():
    assert devices()[-1] == Device("cpu", "Processor")
    assert choose("cpu") == Place("cpu", "float32")
    assert choose("cpu", "bfloat16") == Place("cpu", "bfloat16")


def test_a_processor_made_for_it_works_at_half_precision_too(monkeypatch):
    monkeypatch.setattr(torch.cpu, "_is_avx512_bf16_supported", lambda: True)
    assert choose("cpu") == Place("cpu", "bfloat16")
    assert choose("cpu", "float32") == Place("cpu", "float32")


def test_a_graphics_card_is_taken_by_itself_at_half_precision_where_it_is_made_for_it(two_cards):
    assert [device.name for device in devices()] == ["cuda", "cuda:1", "cpu"]
    assert devices()[1].title == "Graphics card: Card 1"
    assert choose() == choose("cuda") == choose("cuda:0") == CARD
    assert choose("cuda:1") == Place("cuda:1", "float32")
    assert choose("cuda", "float32") == Place("cuda", "float32")
    assert choose("cpu") == Place()


@pytest.mark.parametrize("name", ["", "gpu", "cuda:", "cuda:x", "cpu:0", "CUDA", "cuda:0; rm", "auto\n"])
def test_what_names_no_device_is_refused_before_anything_is_loaded(name):
    with pytest.raises(UserError, match="there is no device"):
        check_name(name)


def test_a_device_that_is_not_there_is_refused_with_what_is(two_cards):
    for missing in ("mps", "cuda:2"):
        with pytest.raises(UserError, match=f"no device '{missing}'; it has cuda, cuda:1, cpu"):
            choose(missing)


def test_half_precision_is_of_the_convolutions():
    convolution = torch.nn.Conv2d(1, 1, 3)
    with autocast(Place("cpu", "bfloat16")):
        assert convolution(torch.zeros(1, 1, 8, 8)).dtype == torch.bfloat16
    with autocast(Place()):
        assert convolution(torch.zeros(1, 1, 8, 8)).dtype == torch.float32


class Machine:
    """An attempt that has room up to a size on each device, and notes what it was asked for."""

    def __init__(self, error: BaseException, **room: int):
        self.error, self.room, self.asked = error, room, []

    def __call__(self, size: int, place: Place) -> str:
        self.asked.append((size, place.device, place.precision))
        if size > self.room.get(place.device, 0):
            raise self.error
        return f"{size} on {place.device}"


def no_room_on_the_processor() -> RuntimeError:
    with pytest.raises(RuntimeError) as told:
        torch.empty(2**50)
    return told.value


NO_ROOM = [torch.cuda.OutOfMemoryError("CUDA out of memory. Tried to allocate 2 GiB"), MemoryError(),
           RuntimeError("MPS backend out of memory (MPS allocated: 8 GB)"), no_room_on_the_processor(),
           RuntimeError("Invalid buffer size: 36.00 GB"), RuntimeError("CUDA error: CUBLAS_STATUS_ALLOC_FAILED")]


def test_with_room_it_is_done_as_asked():
    outcome = run_with_fallback(Machine(MemoryError(), cuda=512), (512, 384), CARD)
    assert (outcome.result, outcome.size, outcome.place, outcome.notes) == ("512 on cuda", 512, CARD, ())


@pytest.mark.parametrize("error", NO_ROOM)
def test_without_room_it_is_done_smaller_and_said(error):
    outcome = run_with_fallback(Machine(error, cuda=256, cpu=512), (512, 384, 256), CARD)
    assert (outcome.result, outcome.size, outcome.place) == ("256 on cuda", 256, CARD)
    assert outcome.notes == ("There was not enough memory for 512 px: this was done at 256 px, with less detail.",)


@pytest.mark.parametrize("error", NO_ROOM)
def test_without_any_room_on_the_card_the_processor_does_it_at_full_size(error):
    machine = Machine(error, cpu=512)
    outcome = run_with_fallback(machine, (512, 256), CARD)
    assert (outcome.result, outcome.place) == ("512 on cpu", Place())
    assert machine.asked == [(512, "cuda", "float16"), (256, "cuda", "float16"), (512, "cpu", "float32")]
    assert outcome.notes == ("The graphics card could not be used (there is not enough memory): "
                             "this was done on the processor.",)


def test_without_room_anywhere_it_is_an_error_and_no_crash():
    machine = Machine(MemoryError())
    with pytest.raises(UserError, match="at 256 px: there is not enough memory"):
        run_with_fallback(machine, (512, 256), CARD)
    assert len(machine.asked) == 4
    with pytest.raises(UserError, match="at 256 px"):
        run_with_fallback(Machine(MemoryError(), cpu=128), (256,), Place())


def test_a_broken_driver_is_not_asked_again():
    machine = Machine(RuntimeError("CUDA error: no kernel image is available\nCompile with …"), cpu=512)
    outcome = run_with_fallback(machine, (512, 256), CARD)
    assert machine.asked == [(512, "cuda", "float16"), (512, "cpu", "float32")]
    assert "no kernel image is available)" in outcome.notes[0]


def test_values_that_are_no_numbers_are_computed_again_in_full_precision():
    def attempt(size: int, place: Place) -> int:
        if place.precision != "float32":
            raise FloatingPointError
        return size

    outcome = run_with_fallback(attempt, (512,), CARD)
    assert (outcome.result, outcome.place, outcome.notes) == (512, Place("cuda", "float32"), ())


def test_if_they_are_none_then_either_the_weights_are_to_blame():
    def attempt(size: int, place: Place) -> int:
        raise FloatingPointError

    with pytest.raises(UserError, match="weights are damaged"):
        run_with_fallback(attempt, (512, 256), CARD)


@pytest.mark.parametrize("error", [Cancelled(), RuntimeError("mat1 and mat2 shapes cannot be multiplied"),
                                   UserError("no model"), ValueError("odd")])
def test_what_memory_does_not_mend_is_let_pass(error):
    machine = Machine(error)
    with pytest.raises(type(error)) as told:
        run_with_fallback(machine, (512, 256), CARD)
    assert told.value is error and len(machine.asked) == 1


def test_what_a_failed_attempt_held_is_free_before_the_next():
    held = []

    class Tensor:
        def __init__(self):
            held.append(self)

        def __del__(self):
            freed.append(1)

    freed = []

    def attempt(size: int, place: Place) -> int:
        if size > 256:
            tensor = Tensor()  # noqa: F841  # lives in the frame that the error holds
            held.clear()
            raise MemoryError
        return len(freed)

    with contextlib.suppress(UserError):
        assert run_with_fallback(attempt, (512, 256), Place()).result == 1
