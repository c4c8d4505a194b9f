"""Find out whether a lock keeps two threads apart, and compare what threads answered."""

import threading
from contextlib import suppress


class Meeting:
    """Tell whether two threads are inside the watched functions at the same time.

    A thread that calls such a function waits there for the other thread, for one second at most. Where a lock works,
    the other thread cannot arrive: the first one goes on after that second, and `took_place` stays False.
    """

    def __init__(self, monkeypatch):
        self.monkeypatch = monkeypatch
        self.barrier = threading.Barrier(2)
        self.took_place = False

    def at(self, *places):
        for owner, name in places:
            self.monkeypatch.setattr(owner, name, self.waiting(getattr(owner, name)))

    def waiting(self, call):
        def wait_and_call(*args, **kwargs):
            with suppress(threading.BrokenBarrierError):
                self.barrier.wait(timeout=1)
                self.took_place = True
            return call(*args, **kwargs)

        return wait_and_call


def answer_of(call, *refusals):
    """Return a callable that returns what `call` returns, or the class name of a refusal that `call` raises."""

    def run():
        try:
            return call()
        except refusals as refusal:
            return type(refusal).__name__

    return run
