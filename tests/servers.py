"""Small servers that stand for a part of the outside world and answer as a test tells them to."""

from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from socketserver import BaseServer
from threading import Thread

# Nothing listens at this address, so that a connection to it is refused at once.
NOWHERE = "http://127.0.0.1:9"


class Handler(BaseHTTPRequestHandler):
    """A subclass answers every GET and POST by its method `answer`. Requests are not logged."""

    def do_GET(self):
        self.answer()

    def do_POST(self):
        self.answer()

    def log_message(self, *args):
        pass


@contextmanager
def listening(handler, kind=ThreadingHTTPServer) -> Iterator[BaseServer]:
    """Serve on a free port, in a thread, until the block is left; give the server."""
    with kind(("127.0.0.1", 0), handler) as server:
        Thread(target=server.serve_forever, args=[0.01], daemon=True).start()
        try:
            yield server
        finally:
            server.shutdown()


def address_of(server) -> str:
    return f"http://127.0.0.1:{server.server_address[1]}"
