"""A mail server that takes every mail, and a quarter of a second for each, as one that is far away does."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from socketserver import StreamRequestHandler, ThreadingTCPServer

from tests.servers import listening

SECONDS_A_MAIL = 0.25


class Conversation(StreamRequestHandler):
    def handle(self) -> None:
        self.say("220 mail.example")
        for line in self.rfile:
            command = line.strip().upper()
            if command == b"DATA":
                self.take_mail()
            else:
                self.say("221 Bye" if command == b"QUIT" else "250 OK")
            if command == b"QUIT":
                return

    def take_mail(self) -> None:
        self.say("354 Go ahead")
        while self.rfile.readline() != b".\r\n":
            pass
        time.sleep(SECONDS_A_MAIL)
        self.say("250 OK")

    def say(self, words: str) -> None:
        self.wfile.write(f"{words}\r\n".encode())


@contextmanager
def slow_mail_server() -> Iterator[str]:
    """Serve in threads until the block is left; give the value for EMAIL_URL."""
    with listening(Conversation, ThreadingTCPServer) as server:
        yield f"smtp://127.0.0.1:{server.server_address[1]}"
