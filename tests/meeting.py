"""Find out whether a lock keeps two threads apart, and compare what threads answered."""

import threading
from contextlib import suppress


class Meeting:
    """Two threads that call the functions watched, inside their transactions, would meet there.

    A lock keeps the second thread away, so that the first waits for a second in vain and goes on.
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
    """Return a callable that answers as `call` does, or with the name of the exception that it raises of those."""

    def run():
        try:
            return call()
        except refusals as refusal:
            return type(refusal).__name__

    return run
