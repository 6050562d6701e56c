"""The background worker: results in order, one job at a time, cancel at once, errors as one line."""

import gc
import subprocess
import sys
import textwrap
import threading
import time
import weakref

import numpy as np
import pytest

from editor.errors import UserError
from editor.jobs.worker import Job, Worker


@pytest.fixture
def worker(qtbot):
    worker = Worker()
    yield worker
    worker.close()


def test_signals_leave_true_and_false_alone(qtbot, worker):
    """Some releases of PySide6 drop a reference to a bool at every emission, until the interpreter ends."""
    before = sys.getrefcount(True)
    for _ in range(50):
        worker.busy_changed.emit(True)
    assert sys.getrefcount(True) - before > -10


def test_results_arrive_in_order_in_the_window_thread(qtbot, worker):
    seen, threads = [], set()

    def work(progress):
        for number in range(5):
            threads.add(threading.current_thread())
            progress(number / 5, "counting")
            yield number

    job = Job("count", work)
    job.produced.connect(lambda number: seen.append((number, threading.current_thread())))
    with qtbot.waitSignal(job.finished):
        worker.submit(job)
    assert [number for number, _ in seen] == [0, 1, 2, 3, 4]
    assert {thread for _, thread in seen} == {threading.main_thread()}
    assert threading.main_thread() not in threads


def test_cancel_is_answered_at_once_and_nothing_arrives_afterwards(qtbot, worker):
    heard, release = [], threading.Event()

    def stubborn(progress):
        release.wait(5)  # a library call that cannot be interrupted
        yield "too late"

    job = worker.submit(Job("stubborn", stubborn))
    for signal in (job.produced, job.finished, job.failed):
        signal.connect(lambda *_: heard.append("unwanted"))
    started = time.monotonic()
    with qtbot.waitSignal(job.cancelled, timeout=1000):
        job.cancel()
    assert time.monotonic() - started < 0.2
    assert worker.current is None
    # The next job does not wait for the one that hangs.
    with qtbot.waitSignal(worker.submit(Job("next", lambda progress: iter([1]))).finished, timeout=1000):
        pass
    release.set()
    qtbot.wait(50)
    assert heard == []


def test_progress_raises_in_the_work_when_cancelled(qtbot, worker):
    stopped = threading.Event()

    def work(progress):
        try:
            while True:
                progress(0.5, "working")
                time.sleep(0.005)
        finally:
            stopped.set()
        yield

    job = worker.submit(Job("endless", work))
    qtbot.waitSignal(job.progressed).wait()
    job.cancel()
    assert stopped.wait(0.2)


def test_jobs_wait_for_each_other(qtbot, worker):
    running, most = [], []

    def work(progress):
        running.append(1)
        most.append(len(running))
        time.sleep(0.02)
        running.pop()
        yield

    jobs = [Job(str(number), work) for number in range(3)]
    with qtbot.waitSignals([job.finished for job in jobs]):
        for job in jobs:
            worker.submit(job)
    assert max(most) == 1


def test_a_job_that_is_over_is_let_go_with_all_that_its_work_held(qtbot, worker):
    def done() -> weakref.ref:
        held = np.zeros(10)
        job = Job("work", lambda progress: iter([held.sum()]))
        with qtbot.waitSignal(job.ended):
            worker.submit(job)
        return weakref.ref(held)

    held = done()
    gc.collect()
    qtbot.waitUntil(lambda: held() is None)


@pytest.mark.parametrize(("error", "said"), [
    (UserError("photo.jpg: not a photograph"), "photo.jpg: not a photograph"),
    (MemoryError(), "work: not enough memory."),
    (ZeroDivisionError("oops"), "work failed: ZeroDivisionError: oops"),
])
def test_errors_become_one_line(qtbot, worker, error, said):
    def work(progress):
        yield 1
        raise error

    job = Job("work", work)
    with qtbot.waitSignal(job.failed) as failed:
        worker.submit(job)
    assert failed.args == [said]


def test_progress_signals_are_rare_enough_for_the_window(qtbot, worker):
    heard = []

    def work(progress):
        until = time.monotonic() + 0.3
        while time.monotonic() < until:
            progress(0.5, "fast")
        yield

    job = Job("fast", work)
    job.progressed.connect(lambda *_: heard.append(1))
    with qtbot.waitSignal(job.finished):
        worker.submit(job)
    assert 1 <= len(heard) <= 8


HOSTILE = textwrap.dedent("""
    import time
    from PySide6.QtCore import QCoreApplication
    from editor.jobs.worker import Job, Worker

    app, worker = QCoreApplication([]), Worker()

    def work(progress):
        for number in range(20):
            progress(number / 20, "counting")
            yield number

    until, jobs = time.monotonic() + 4, 0
    while time.monotonic() < until:
        over = []
        job = Job("count", work)
        job.produced.connect(lambda number: None)
        job.ended.connect(lambda: over.append(True))
        worker.submit(job)
        if jobs % 3 == 0:
            job.cancel()
        while not over:
            app.processEvents()
        del job
        jobs += 1
    worker.close()
""")


def test_thousands_of_jobs_that_end_or_are_cancelled_at_once_do_no_harm():
    """A job deleted while its thread is still emitting ends the program without a word."""
    done = subprocess.run([sys.executable, "-c", HOSTILE], capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
