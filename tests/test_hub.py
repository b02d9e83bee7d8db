"""Uploading, to a stand-in for the Hub on this machine that speaks its HTTP interface."""

import base64
import hashlib
import json
import os
import re
import subprocess
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import numpy as np
import pytest

from textdl.vectors import Vectors


class Hub(BaseHTTPRequestHandler):
    """Knows as much of the Hub as an upload needs; what was committed is in ``files``."""

    def do_GET(self):
        if self.path == "/api/whoami-v2":
            self.answer({"name": "me", "type": "user", "auth": {}})
        else:
            self.answer({"error": "there is none"}, 404)

    def do_POST(self):
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        server = self.server
        server.tokens.add(self.headers.get("Authorization"))
        place = f"http://127.0.0.1:{server.server_port}"
        if self.path == "/api/repos/create":
            request = json.loads(body)
            if request["name"] == "forbidden":
                self.answer({"error": "you may not do that"}, 403)
                return
            server.created.append(request)
            self.answer({"url": f"{place}/me/{request['name']}", "id": f"me/{request['name']}"})
        elif "/preupload/" in self.path:
            files = json.loads(body)["files"]
            modes = [
                {
                    "path": file["path"],
                    "uploadMode": "lfs" if file["path"].endswith(".safetensors") else "regular",
                    "shouldIgnore": False,
                }
                for file in files
            ]
            self.answer({"files": modes})
        elif self.path.endswith("/objects/batch"):
            objects = [
                {**one, "actions": {"upload": {"href": f"{place}/lfs/{one['oid']}"}}}
                for one in json.loads(body)["objects"]
            ]
            self.answer({"transfer": "basic", "objects": objects})
        elif "/commit/" in self.path:
            for line in body.splitlines():
                entry = json.loads(line)
                value = entry["value"]
                if entry["key"] == "file":
                    server.files[value["path"]] = base64.b64decode(value["content"])
                elif entry["key"] == "lfsFile":
                    server.files[value["path"]] = server.objects[value["oid"]]
            self.answer({"commitUrl": f"{place}/me/x/commit/1", "commitOid": "1", "success": True})
        else:
            self.answer({}, 200)

    def do_PUT(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.objects[hashlib.sha256(body).hexdigest()] = body
        self.answer({})

    def answer(self, content, code=200):
        text = json.dumps(content).encode()
        self.send_response(code)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text)

    def log_message(self, *args):
        pass


@pytest.fixture
def hub():
    server = ThreadingHTTPServer(("127.0.0.1", 0), Hub)
    server.created, server.objects, server.files, server.tokens = [], {}, {}, set()
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield server
    server.shutdown()
    server.server_close()


@pytest.fixture
def vectors(tmp_path):
    Vectors(["film", "movie"], np.eye(2, dtype=np.float32)).save(tmp_path / "vectors")
    return tmp_path / "vectors"


def push(hub, *arguments):
    environment = {
        **os.environ,
        "HF_ENDPOINT": f"http://127.0.0.1:{hub.server_port}",
        "HF_TOKEN": "hf_secret",
        "HF_HUB_DISABLE_XET": "1",
        "HF_HUB_DISABLE_PROGRESS_BARS": "1",
        "NO_PROXY": "127.0.0.1",
    }
    return subprocess.run(
        [sys.executable, "-m", "textdl", "push", *map(str, arguments)],
        env=environment, capture_output=True, text=True,
    )  # fmt: skip


def test_a_folder_and_its_card_are_uploaded(hub, vectors):
    done = push(hub, vectors, "me/films", "--private")
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip().endswith("/me/films")
    (created,) = hub.created
    assert created["name"] == "films"
    assert created.get("visibility") == "private" or created["private"]
    assert hub.tokens == {"Bearer hf_secret"}
    names = {path.name for path in vectors.iterdir()}
    assert set(hub.files) == names
    assert all(hub.files[name] == (vectors / name).read_bytes() for name in names)


def test_what_is_uploaded_loads_again(hub, vectors, tmp_path):
    push(hub, vectors, "me/films")
    there = tmp_path / "there"
    there.mkdir()
    for name, content in hub.files.items():
        (there / name).write_bytes(content)
    assert Vectors.load(there).words[0] == "film"


@pytest.mark.parametrize(
    ("make", "repo", "message"),
    [
        (lambda folder: folder / "absent", "me/films", "neither a saved model nor saved vectors"),
        (lambda folder: (folder / "README.md").unlink() or folder, "me/films", "has no card"),
        (lambda folder: folder, "me/forbidden", "me/forbidden: can't be uploaded to: .*403"),
        (lambda folder: folder, "not a name", "not a name: can't be uploaded to"),
    ],
)
def test_what_cannot_be_uploaded_is_said(hub, vectors, make, repo, message):
    done = push(hub, make(vectors), repo)
    assert done.returncode == 2
    assert re.search(message, done.stderr, re.DOTALL)
    assert "Traceback" not in done.stderr
    assert not hub.files


def test_a_hub_that_is_away_is_said(hub, vectors):
    hub.shutdown()
    hub.server_close()
    done = push(hub, vectors, "me/films")
    assert done.returncode == 2
    assert "me/films: can't be uploaded to: " in done.stderr
    assert "Traceback" not in done.stderr
