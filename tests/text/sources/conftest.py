"""A server that answers like the Hugging Face Hub, as far as loading a dataset goes."""

from __future__ import annotations

import hashlib
import json
import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import unquote, urlsplit

import pytest

COMMIT = "0123456789abcdef0123456789abcdef01234567"


@contextmanager
def serve(
    datasets: dict[str, dict[str, bytes]], gated: str = "", silent: bool = False
) -> Iterator[tuple[str, list[str]]]:
    """Serve datasets, each with its files; yields the address and the log of requests.

    The dataset ``gated`` is described to everybody and given to nobody. A ``silent`` server
    accepts connections and never answers.
    """
    log: list[str] = []
    done = threading.Event()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            log.append(f"{self.command} {self.path}")
            if silent:
                done.wait()
                return
            size = int(self.headers.get("Content-Length", 0))
            sent = self.rfile.read(size).decode()
            status, body, headers = answer(unquote(urlsplit(self.path).path), sent)
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            if self.command != "HEAD":
                self.wfile.write(body)

        do_HEAD = do_POST = do_GET  # noqa: N815

        def log_message(self, *args: object) -> None:
            pass

    def answer(path: str, sent: str) -> tuple[int, bytes, dict[str, str]]:
        if path.startswith("/api/datasets/"):
            return api(path.removeprefix("/api/datasets/"), sent)
        name, _, rest = path.removeprefix("/datasets/").partition("/resolve/")
        file = rest.partition("/")[2]
        if name not in datasets:
            return error("RepoNotFound", 401)
        if name == gated:
            return error("GatedRepo", 401)
        if file not in datasets[name]:
            return error("EntryNotFound")
        body = datasets[name][file]
        etag = f'"{hashlib.sha1(body).hexdigest()}"'
        return 200, body, {"ETag": etag, "X-Repo-Commit": COMMIT, "Accept-Ranges": "bytes"}

    def api(path: str, sent: str) -> tuple[int, bytes, dict[str, str]]:
        name = "/".join(path.split("/")[:2])
        verb, revision, folder = [*path.removeprefix(name).split("/", 3)[1:], "", "", ""][:3]
        if name not in datasets:
            return error("RepoNotFound", 401)
        if revision not in ("", "main", COMMIT):
            return error("RevisionNotFound")
        if verb == "tree":
            return tree(datasets[name], folder)
        if verb == "paths-info":
            return paths_info(datasets[name], sent)
        about = {
            "id": name,
            "sha": COMMIT,
            "gated": "manual" if name == gated else False,
            "private": False,
            "tags": [],
            "siblings": [{"rfilename": file} for file in datasets[name]],
        }
        return 200, json.dumps(about).encode(), {"Content-Type": "application/json"}

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, args=(0.05,))
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}", log
    finally:
        done.set()
        server.shutdown()
        server.server_close()
        thread.join()


def tree(files: dict[str, bytes], folder: str) -> tuple[int, bytes, dict[str, str]]:
    prefix = f"{folder}/" if folder else ""
    entries: dict[str, dict[str, object]] = {}
    for file in files:
        name, _, below = file.removeprefix(prefix).partition("/")
        path = prefix + name
        if file.startswith(prefix) and below:
            entries[path] = {"type": "directory", "path": path, "size": 0, "oid": "0" * 40}
        elif file.startswith(prefix):
            entries[path] = entry(files, path)
    return listing(list(entries.values())) if entries else error("EntryNotFound")


def paths_info(files: dict[str, bytes], sent: str) -> tuple[int, bytes, dict[str, str]]:
    wanted = json.loads(sent)["paths"]
    return listing([entry(files, path) for path in wanted if path in files])


def entry(files: dict[str, bytes], path: str) -> dict[str, object]:
    oid = hashlib.sha1(files[path]).hexdigest()
    return {"type": "file", "path": path, "size": len(files[path]), "oid": oid}


def listing(entries: list[dict[str, object]]) -> tuple[int, bytes, dict[str, str]]:
    return 200, json.dumps(entries).encode(), {"Content-Type": "application/json"}


def error(code: str, status: int = 404) -> tuple[int, bytes, dict[str, str]]:
    return status, b"", {"X-Error-Code": code, "X-Error-Message": code}


@pytest.fixture
def fake_hub() -> Callable[..., AbstractContextManager[tuple[str, list[str]]]]:
    return serve
