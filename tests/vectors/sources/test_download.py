import hashlib
import os
import shutil
import signal
import subprocess
import sys
import time
from types import SimpleNamespace

import pytest
from vectors.sources.file_server import serve

from textdl.errors import InputError
from textdl.vectors.sources import transfers, web
from textdl.vectors.sources.download import fetch

CONTENT = bytes(range(256)) * 8192 + b"the end"
SHA256 = hashlib.sha256(CONTENT).hexdigest()
MD5 = hashlib.md5(CONTENT).hexdigest()


class Notes:
    def __init__(self):
        self.updates, self.notes = [], []

    def update(self, done, total, unit, **facts):
        self.updates.append((done, total, unit))

    def note(self, text):
        self.notes.append(text)


@pytest.fixture(autouse=True)
def _quick(monkeypatch):
    monkeypatch.setattr(web, "PAUSE", 0.001)
    monkeypatch.setenv("no_proxy", "*")


@pytest.fixture
def server():
    with serve(**{"glove.zip": CONTENT}) as running:
        yield running


def files(folder):
    return sorted(file.name for file in folder.iterdir() if not file.name.endswith(".lock"))


def put_part(folder, server, content, version):
    """Leave what an interrupted download leaves."""
    path = fetch(f"{server.address}/glove.zip", folder=folder, sha256=SHA256)
    path.unlink()
    path.with_name(f"{path.name}.part").write_bytes(content)
    path.with_name(f"{path.name}.part.version").write_text(version, "utf-8")
    server.log.clear()


def etag():
    return f'"{hashlib.sha1(CONTENT).hexdigest()}"'


def test_a_file_is_downloaded_once(tmp_path, server):
    notes = Notes()
    address = f"{server.address}/glove.zip?download=1"
    path = fetch(address, folder=tmp_path, sha256=SHA256.upper(), size=len(CONTENT), progress=notes)
    assert path.read_bytes() == CONTENT
    assert path.parent == tmp_path
    assert path.name.startswith("glove-")
    assert path.suffix == ".zip"
    assert files(tmp_path) == [path.name]
    assert notes.updates[-1] == (len(CONTENT), len(CONTENT), "bytes")
    assert [done for done, _, _ in notes.updates] == sorted({done for done, _, _ in notes.updates})
    assert fetch(address, folder=tmp_path, sha256=SHA256, size=len(CONTENT)) == path
    assert len(server.log) == 1


def test_files_are_kept_in_textdls_home(tmp_path, server, monkeypatch):
    monkeypatch.setenv("TEXTDL_HOME", str(tmp_path / "home"))
    path = fetch(f"{server.address}/glove.zip", md5=MD5)
    assert path.parent == tmp_path / "home" / "vectors"
    assert path.read_bytes() == CONTENT


def test_each_address_and_checksum_has_its_file(tmp_path, server):
    server.files["/other/glove.zip"] = b"other"
    paths = {
        fetch(f"{server.address}/glove.zip", folder=tmp_path),
        fetch(f"{server.address}/glove.zip", folder=tmp_path, sha256=SHA256),
        fetch(f"{server.address}/glove.zip", folder=tmp_path, md5=MD5),
        fetch(f"{server.address}/other/glove.zip", folder=tmp_path),
    }
    assert len(paths) == 4


def test_names_are_fit_for_a_file_system(tmp_path, server):
    server.files["/ü/日 本/..%2F:" + "x" * 300 + ".zip"] = b"1"
    path = fetch(f"{server.address}/ü/日 本/..%252F:{'x' * 300}.zip", folder=tmp_path)
    assert path.read_bytes() == b"1"
    server.files["/"] = b"2"
    assert fetch(f"{server.address}/", folder=tmp_path).name.startswith("file-")


def test_a_killed_download_is_taken_up_again(tmp_path, server):
    server.pause = 1_000_000
    address = f"{server.address}/glove.zip"
    code = (
        "import sys, pathlib; from textdl.vectors.sources.download import fetch; "
        "fetch(sys.argv[1], folder=pathlib.Path(sys.argv[2]))"
    )
    process = subprocess.Popen([sys.executable, "-c", code, address, str(tmp_path)])
    try:
        deadline = time.monotonic() + 60
        while not sum(part.stat().st_size for part in tmp_path.glob("*.part")):
            assert time.monotonic() < deadline
            assert process.poll() is None
            time.sleep(0.02)
        time.sleep(0.2)
    finally:
        process.send_signal(signal.SIGKILL)
        process.wait()
    (part,) = tmp_path.glob("*.part")
    begin = part.stat().st_size
    assert 0 < begin <= 1_000_000
    server.pause = None
    server.go_on.set()
    path = fetch(address, folder=tmp_path)
    assert path.read_bytes() == CONTENT
    assert server.log == [("/glove.zip", None), ("/glove.zip", f"bytes={begin}-")]
    assert files(tmp_path) == [path.name]


def test_dropped_connections_are_taken_up_again(tmp_path, server):
    server.drops = [700_000, 0, 0, 600_000]
    notes = Notes()
    path = fetch(f"{server.address}/glove.zip", folder=tmp_path, progress=notes)
    assert path.read_bytes() == CONTENT
    wanted = [wanted for _, wanted in server.log]
    assert wanted == [None, *["bytes=700000-"] * 3, "bytes=1300000-"]
    assert "closed at byte 700,000 of 2,097,159; trying again" in notes.notes[0]


def test_a_server_that_always_drops_is_given_up(tmp_path, server):
    server.drops = [300_000, *[0] * 50]
    with pytest.raises(InputError, match=r"closed at byte 300,000 of .* what has come is kept"):
        fetch(f"{server.address}/glove.zip", folder=tmp_path)
    assert len(server.log) == 1 + web.ATTEMPTS
    server.drops.clear()
    fetch(f"{server.address}/glove.zip", folder=tmp_path)
    assert server.log[-1] == ("/glove.zip", "bytes=300000-")


def test_a_redirect_is_followed_each_time(tmp_path, server):
    server.redirects["/latest"] = "/glove.zip"
    server.drops = [700_000]
    assert fetch(f"{server.address}/latest", folder=tmp_path).read_bytes() == CONTENT
    parts = [None, "bytes=700000-"]
    assert server.log == [(path, part) for part in parts for path in ("/latest", "/glove.zip")]


def test_a_file_whose_size_shows_in_the_end(tmp_path, server):
    server.chunked = True
    server.drops = [700_000]
    assert fetch(f"{server.address}/glove.zip", folder=tmp_path).read_bytes() == CONTENT
    assert [wanted and wanted[:6] for _, wanted in server.log] == [None, "bytes="]


@pytest.mark.parametrize("missing", ["ranges", "etags"])
def test_servers_that_cannot_go_on_begin_again(tmp_path, server, missing):
    setattr(server, missing, False)
    server.drops = [700_000, 900_000]
    path = fetch(f"{server.address}/glove.zip", folder=tmp_path)
    assert path.read_bytes() == CONTENT
    assert len(server.log) == 3


def test_with_a_checksum_a_part_is_enough(tmp_path, server):
    server.etags = False
    server.drops = [700_000]
    assert fetch(f"{server.address}/glove.zip", folder=tmp_path, md5=MD5).read_bytes() == CONTENT
    assert server.log[-1] == ("/glove.zip", "bytes=700000-")


def test_a_file_that_changed_in_between_is_not_pieced_together(tmp_path, server):
    put_part(tmp_path, server, b"x" * 1000, '"another version"')
    path = fetch(f"{server.address}/glove.zip", folder=tmp_path, sha256=SHA256)
    assert path.read_bytes() == CONTENT
    assert server.log == [("/glove.zip", "bytes=1000-")]


def test_a_complete_part_needs_no_more_bytes(tmp_path, server):
    put_part(tmp_path, server, CONTENT, etag())
    path = fetch(f"{server.address}/glove.zip", folder=tmp_path, sha256=SHA256)
    assert path.read_bytes() == CONTENT
    assert len(server.log) == 1
    put_part(tmp_path, server, CONTENT + b"too much", etag())
    assert fetch(f"{server.address}/glove.zip", folder=tmp_path, sha256=SHA256) == path
    assert [wanted for _, wanted in server.log] == [f"bytes={len(CONTENT) + 8}-", None]


@pytest.mark.parametrize(
    ("expected", "message"),
    [
        ({"sha256": "0" * 64}, f"has the sha256 {SHA256}, not 000"),
        ({"md5": "0" * 32}, f"has the md5 {MD5}, not 000"),
        ({"md5": MD5, "sha256": "0" * 64}, "has the sha256"),
        ({"sha256": SHA256, "md5": "0" * 32}, "has the md5"),
        ({"size": 10}, "has 2,097,159 bytes, and should have 10: it is not the file"),
    ],
)
def test_another_file_than_expected_is_removed(tmp_path, server, expected, message):
    with pytest.raises(InputError, match=message):
        fetch(f"{server.address}/glove.zip", folder=tmp_path, **expected)
    assert files(tmp_path) == []


def test_nothing_is_no_file(tmp_path, server):
    server.files["/glove.zip"] = b""
    with pytest.raises(InputError, match=r"what came has 0 bytes: .* is removed"):
        fetch(f"{server.address}/glove.zip", folder=tmp_path)
    assert files(tmp_path) == []


def test_a_file_of_the_wrong_size_is_downloaded_again(tmp_path, server):
    path = fetch(f"{server.address}/glove.zip", folder=tmp_path)
    path.write_bytes(b"somebody spoiled it")
    assert fetch(f"{server.address}/glove.zip", folder=tmp_path, size=len(CONTENT)) == path
    assert path.read_bytes() == CONTENT


@pytest.mark.parametrize(
    ("status", "message"),
    [(404, "no such file"), (403, "does not allow"), (410, "no longer"), (418, "refuses")],
)
def test_a_server_that_refuses_is_asked_once(tmp_path, server, status, message):
    server.statuses = [status]
    with pytest.raises(InputError, match=rf"/glove.zip: the server .*{message}.* \({status} "):
        fetch(f"{server.address}/glove.zip", folder=tmp_path)
    assert len(server.log) == 1


def test_a_busy_server_is_asked_again(tmp_path, server):
    server.statuses = [503, 429]
    assert fetch(f"{server.address}/glove.zip", folder=tmp_path).read_bytes() == CONTENT


@pytest.mark.parametrize(
    ("address", "message"),
    [
        ("http://no-such-host.invalid/x.zip", "no host 'no-such-host.invalid'"),
        ("http://127.0.0.1:1/x.zip", "Connection refused. Try again later"),
        ("http://127.0.0.1:port/x.zip", "can't be downloaded: nonnumeric port"),
        ("http:///x.zip", "can't be downloaded: no host given"),
        ("http://[::1/x.zip", "is no address"),
        ("ftp://127.0.0.1/x.zip", "kind that can be downloaded: https://, http://, s3://"),
        ("vectors/glove.zip", "kind that can be downloaded"),
    ],
)
def test_addresses_that_lead_nowhere(tmp_path, address, message):
    with pytest.raises(InputError, match=message) as raised:
        fetch(address, folder=tmp_path)
    assert address in str(raised.value)


def test_two_processes_download_once(tmp_path, server):
    server.pause = 500_000
    code = (
        "import sys, pathlib; from textdl.vectors.sources.download import fetch; "
        "print(fetch(sys.argv[1], folder=pathlib.Path(sys.argv[2])).stat().st_size)"
    )
    command = [sys.executable, "-c", code, f"{server.address}/glove.zip", str(tmp_path)]
    processes = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True) for _ in range(2)]
    deadline = time.monotonic() + 60
    while not server.log:
        assert time.monotonic() < deadline
        time.sleep(0.02)
    time.sleep(0.5)
    server.go_on.set()
    assert [process.communicate()[0] for process in processes] == [f"{len(CONTENT)}\n"] * 2
    assert len(server.log) == 1


def test_a_folder_that_cannot_be_made(tmp_path, server):
    (tmp_path / "file").touch()
    with pytest.raises(InputError, match=r"file/vectors: can't be written to"):
        fetch(f"{server.address}/glove.zip", folder=tmp_path / "file" / "vectors")


def test_too_little_room_is_said_before(tmp_path, server, monkeypatch):
    monkeypatch.setattr(transfers.shutil, "disk_usage", lambda path: SimpleNamespace(free=5))
    with pytest.raises(InputError, match="2,097,159 bytes are to come, and there is room for 5"):
        fetch(f"{server.address}/glove.zip", folder=tmp_path)


@pytest.mark.skipif(not shutil.which("openssl"), reason="needs openssl to make a certificate")
def test_https(tmp_path, monkeypatch):
    certificate, key = tmp_path / "certificate.pem", tmp_path / "key.pem"
    command = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj",
               "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1", "-keyout", key, "-out",
               certificate]  # fmt: skip
    subprocess.run(command, check=True, capture_output=True)
    with serve(certificate=certificate, key=key, **{"glove.zip": CONTENT}) as running:
        address = f"{running.address}/glove.zip"
        with pytest.raises(InputError, match="certificate"):
            fetch(address, folder=tmp_path / "a")
        monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
        assert fetch(address, folder=tmp_path / "b", sha256=SHA256).read_bytes() == CONTENT


@pytest.fixture
def s3(server, monkeypatch):
    pytest.importorskip("boto3")
    for name, value in {
        "AWS_ENDPOINT_URL": server.address,
        "AWS_ACCESS_KEY_ID": "key",
        "AWS_SECRET_ACCESS_KEY": "secret",
        "AWS_DEFAULT_REGION": "us-east-1",
        "AWS_CONFIG_FILE": os.devnull,
        "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
    }.items():
        monkeypatch.setenv(name, value)
    return server


def test_s3(tmp_path, s3):
    s3.files["/bucket/glove.zip"] = CONTENT
    path = fetch("s3://bucket/glove.zip", folder=tmp_path, sha256=SHA256, size=len(CONTENT))
    assert path.read_bytes() == CONTENT
    assert files(tmp_path) == [path.name]
    asked = len(s3.log)
    fetch("s3://bucket/glove.zip", folder=tmp_path, sha256=SHA256)
    assert len(s3.log) == asked


def test_s3_without_the_file(tmp_path, s3):
    with pytest.raises(InputError, match=r"s3://bucket/glove.zip: can't be (opened|downloaded): "):
        fetch("s3://bucket/glove.zip", folder=tmp_path)


def test_a_store_whose_package_is_missing(tmp_path, monkeypatch):
    import smart_open

    def refuse(*args, **kwargs):
        raise ImportError("no google")

    monkeypatch.setattr(smart_open, "open", refuse)
    with pytest.raises(InputError, match=r"needs `pip install 'smart_open\[gcs\]'`"):
        fetch("gs://bucket/glove.zip", folder=tmp_path)
