"""Asking faster than the answers come."""

import threading

import pytest

from editor.errors import UserError
from editor.jobs.latest import Latest
from editor.jobs.worker import Worker


@pytest.fixture
def worker(qapp):
    worker = Worker()
    yield worker
    worker.close()


class Gates:
    """Work that waits at a gate of its own before it answers with its number."""

    def __init__(self, count: int, deaf: bool = False):
        self.gates = [threading.Event() for _ in range(count)]
        self.begun: list[int] = []
        self.at_once = self.most_at_once = 0
        self.deaf = deaf  # does not hear that it is cancelled

    def work(self, number: int):
        def run(progress):
            self.begun.append(number)
            self.at_once += 1
            self.most_at_once = max(self.most_at_once, self.at_once)
            try:
                while not self.gates[number].wait(0.01):
                    if not self.deaf:
                        progress(0.0, "")
                yield number
            finally:
                self.at_once -= 1

        return lambda: run


def test_of_those_that_wait_only_the_latest_is_done(qtbot, worker):
    gates, answers = Gates(4), []
    latest = Latest("work", worker, patience=100)
    latest.produced.connect(lambda number: answers.append((number, latest.outdated)))
    for number in range(4):
        latest.ask(gates.work(number))
    qtbot.waitUntil(lambda: gates.begun == [0])
    with qtbot.waitSignal(latest.ended):
        for gate in gates.gates:
            gate.set()
    assert answers == [(0, True), (3, False)] and gates.begun == [0, 3]


def test_what_takes_too_long_is_cancelled_and_never_answers(qtbot, worker):
    gates, answers = Gates(2), []
    latest = Latest("work", worker, patience=0.0)
    latest.produced.connect(answers.append)
    latest.ask(gates.work(0))
    qtbot.waitUntil(lambda: gates.begun == [0])
    gates.gates[1].set()
    with qtbot.waitSignal(latest.ended):
        latest.ask(gates.work(1))
    assert answers == [1]


def test_two_never_run_at_once_even_where_one_cannot_be_interrupted(qtbot, worker):
    gates = Gates(2, deaf=True)
    latest = Latest("work", worker, patience=0.0)
    latest.ask(gates.work(0))
    qtbot.waitUntil(lambda: gates.begun == [0])
    gates.gates[1].set()
    latest.ask(gates.work(1))
    qtbot.wait(60)
    assert gates.begun == [0], "it waits until the one before has come back"
    with qtbot.waitSignal(latest.ended):
        gates.gates[0].set()
    assert gates.begun == [0, 1] and gates.most_at_once == 1


def test_after_a_stop_nothing_comes(qtbot, worker):
    gates, answers = Gates(2), []
    latest = Latest("work", worker)
    latest.produced.connect(answers.append)
    latest.ask(gates.work(0))
    latest.ask(gates.work(1))
    qtbot.waitUntil(lambda: gates.begun == [0])
    latest.stop()
    gates.gates[0].set()
    qtbot.wait(50)
    assert not answers and not latest.busy and gates.begun == [0]


def test_what_fails_is_told_and_the_next_is_done(qtbot, worker):
    def fails(progress):
        raise UserError("no weights")
        yield

    gates, told, answers = Gates(1), [], []
    gates.gates[0].set()
    latest = Latest("work", worker, patience=100)
    latest.failed.connect(told.append)
    latest.produced.connect(answers.append)
    latest.ask(lambda: fails)
    with qtbot.waitSignal(latest.ended):
        latest.ask(gates.work(0))
    assert told == ["no weights"] and answers == [0]
