"""A web server that gives files, and can be told to fail in many ways."""

import hashlib
import re
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import unquote, urlsplit


@dataclass
class FileServer:
    """What a server gives and how.

    Attributes:
        ranges: whether it gives parts of files.
        etags: whether it says which version of a file it gives.
        drops: after how many bytes it closes the next connections.
        statuses: what it answers next instead of a file.
        redirects: paths that lead to others.
        chunked: whether it does not say beforehand how much it sends.
        pause: after so many bytes it waits for ``go_on``.
        log: the path and the Range of each request for content.
    """

    address: str = ""
    files: dict[str, bytes] = field(default_factory=dict)
    ranges: bool = True
    etags: bool = True
    drops: list[int] = field(default_factory=list)
    statuses: list[int] = field(default_factory=list)
    redirects: dict[str, str] = field(default_factory=dict)
    chunked: bool = False
    pause: int | None = None
    go_on: threading.Event = field(default_factory=threading.Event)
    log: list[tuple[str, str | None]] = field(default_factory=list)


@contextmanager
def serve(
    *, certificate: Path | None = None, key: Path | None = None, **files: bytes
) -> Iterator[FileServer]:
    """Serve files under ``/name``; with a certificate, over https."""
    state = FileServer(files={f"/{name}": content for name, content in files.items()})

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            path = unquote(urlsplit(self.path).path)
            wanted = self.headers.get("Range")
            state.log.append((path, wanted))
            if state.statuses:
                self.answer(state.statuses.pop(0), b"", {})
                return
            if path in state.redirects:
                self.answer(302, b"", {"Location": state.redirects[path]})
                return
            if path not in state.files:
                self.answer(404, b"<Error><Code>NoSuchKey</Code></Error>", {})
                return
            content = state.files[path]
            etag = f'"{hashlib.sha1(content).hexdigest()}"'
            headers = {"ETag": etag} if state.etags else {}
            found = re.fullmatch(r"bytes=(\d+)-(\d*)", wanted or "")
            if found and state.ranges and self.headers.get("If-Range", etag) == etag:
                begin, end = int(found[1]), int(found[2] or len(content) - 1)
                if begin >= len(content):
                    self.answer(416, b"", {"Content-Range": f"bytes */{len(content)}"})
                    return
                headers["Content-Range"] = f"bytes {begin}-{end}/{len(content)}"
                self.answer(206, content[begin : end + 1], headers)
            else:
                self.answer(200, content, headers)

        do_HEAD = do_GET  # noqa: N815

        def answer(self, status: int, content: bytes, headers: dict[str, str]) -> None:
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            if state.chunked:
                self.send_header("Transfer-Encoding", "chunked")
            else:
                self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            if self.command == "HEAD":
                return
            whole = len(content)
            if state.drops and status in (200, 206):
                content = content[: state.drops.pop(0)]
                self.close_connection = True
            if state.chunked:
                self.wfile.write(b"%x\r\n" % whole + content)
                self.wfile.write(b"\r\n0\r\n\r\n" if len(content) == whole else b"")
                return
            if state.pause is not None:
                self.wfile.write(content[: state.pause])
                self.wfile.flush()
                state.go_on.wait()
                content = content[state.pause :]
            self.wfile.write(content)

        def log_message(self, *args: object) -> None:
            pass

    class Server(ThreadingHTTPServer):
        daemon_threads = True

        def handle_error(self, request: object, client_address: object) -> None:
            """A client that went away is no news."""

    server = Server(("127.0.0.1", 0), Handler)
    state.address = f"http://127.0.0.1:{server.server_port}"
    if certificate:
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        context.load_cert_chain(certificate, key)
        server.socket = context.wrap_socket(server.socket, server_side=True)
        state.address = f"https://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, args=(0.02,))
    thread.start()
    try:
        yield state
    finally:
        state.go_on.set()
        server.shutdown()
        server.server_close()
        thread.join()
