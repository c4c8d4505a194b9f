"""Whether two threads can be in one place at the same moment: where a lock is meant to be, they cannot."""

import threading
from contextlib import suppress


class Meeting:
    """Two threads that come to the places watched, inside their transactions, would meet there.

    A lock keeps the second away: the first waits for it in vain, and goes on.
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
