"""A pipeline file, a store and an archive from elsewhere can't do more than they should."""

import ast
import json
import os
import stat
import zipfile
from pathlib import Path

import numpy as np
import pytest
from pipeline.toy import Text, find_stage

import textdl.pipeline
from textdl.pipeline import (
    PipelineError,
    StageFailedError,
    Store,
    read_pipeline,
    run_pipeline,
    stage,
)
from textdl.pipeline.artifacts import load_artifact
from textdl.pipeline.store.digests import digest_file, digest_tree
from textdl.pipeline.store.remote import fetch_all, new_archive, open_archive, open_remote
from textdl.pipeline.store.results import seal_of
from textdl.pipeline.upkeep import collect, contents

KEY = "a" * 64
EVIL_NAMES = [
    "../evil", "../../evil", "/tmp/evil", "a/../../evil", "..", ".", "", "a//b", "./a", "a/",
    "..\\evil", "C:\\evil", "a\0b",
]  # fmt: skip
LOOKALIKES = ["․․/x", "．．/x", "r℮ad", "reаd", "re\u200bad", "\u202edaer", "ｒead"]  # fmt: skip
RESERVED_NAMES = ["con", "NUL", "com1", "Lpt9", "aux"]


def tree(folder):
    return {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def manifest_of(files, digest=..., key=KEY):
    manifest = {
        "key": key, "digest": digest_tree(files) if digest is ... else digest, "files": files,
        "stage": "read",
        "version": 1, "settings": {}, "inputs": {}, "source": "", "info": {}, "seconds": 1.0,
        "cpu_seconds": 1.0, "peak_memory_bytes": 1, "computed_at": 0.0, "versions": {},
        "resumed": False, "measured": {},
    }  # fmt: skip
    return {**manifest, "seal": seal_of(manifest)}


def test_the_manifests_that_are_refused_here_are_right_but_for_what_is_evil(tmp_path):
    store = Store(tmp_path)
    store.manifest_path(KEY).parent.mkdir(parents=True)
    store.manifest_path(KEY).write_text(json.dumps(manifest_of({"a/b": "b" * 64})))
    assert store.find(KEY) is not None


@pytest.mark.parametrize(
    "name", ["../evil", "/tmp/evil", "a/b", "..", "-a", "a" * 65, *LOOKALIKES, *RESERVED_NAMES]
)
def test_names_of_stages_and_pipelines_stay_in_their_folder(workshop, name):
    before = tree(workshop.folder)
    workshop.write(f'[{json.dumps(name, ensure_ascii=False)}]\nuses = "steps"\n')
    with pytest.raises(PipelineError, match="is no name for a stage"):
        workshop.run()
    heading = f"[pipeline]\nname = {json.dumps(name, ensure_ascii=False)}\n[steps]\n"
    workshop.write(heading)
    with pytest.raises(PipelineError, match="is no name for a pipeline"):
        workshop.run()
    assert tree(workshop.folder).keys() == before.keys()


@pytest.mark.parametrize("value", ["../evil", "/tmp/evil", "..", ".", "\\", "․․/x", "x" * 5000])
def test_names_of_cells_stay_in_their_folder(workshop, value):
    workshop.write(
        f'[read]\nsource = "nothing"\nmatrix = {{ tags = [[{json.dumps(value)}], []] }}\n'
    )
    run = workshop.run()
    for name in run:
        assert (run.folder / name).parent == run.folder
        assert len(name) < 200
    assert (run.folder / name / "text").is_file()
    assert {path.name for path in workshop.folder.iterdir()} == {
        "toy.toml", "source.txt", "home", "runs",
    }  # fmt: skip


@pytest.mark.parametrize("name", EVIL_NAMES)
def test_a_manifest_that_leads_elsewhere_is_none(tmp_path, name):
    store = Store(tmp_path / "home")
    store.manifest_path(KEY).parent.mkdir(parents=True)
    manifest = manifest_of({name: "b" * 64})
    store.manifest_path(KEY).write_text(json.dumps(manifest))
    assert store.find(KEY) is None
    assert contents(store) == []


@pytest.mark.parametrize("key", ["..", "../..", "x", "A" * 64, "a" * 63, "a" * 64 + "/..", ""])
def test_a_key_is_a_digest(tmp_path, key):
    store = Store(tmp_path / "home")
    (store.home / "results").mkdir(parents=True)
    (store.home / "keep").touch()
    path = store.home / "results" / f"{key}.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(manifest_of({}, key=key)))
    assert store.find(key) is None
    assert (store.home / "keep").exists()


@pytest.mark.parametrize("digest", ["../../evil", "/tmp/evil", "", "A" * 64, None, 7])
def test_a_digest_is_a_digest(tmp_path, digest):
    store = Store(tmp_path)
    store.manifest_path(KEY).parent.mkdir(parents=True)
    for manifest in (
        manifest_of({"text": digest}, "b" * 64),
        manifest_of({}, digest),
    ):
        store.manifest_path(KEY).write_text(json.dumps(manifest))
        assert store.find(KEY) is None


def test_a_deep_manifest_is_none(tmp_path):
    store = Store(tmp_path)
    store.manifest_path(KEY).parent.mkdir(parents=True)
    store.manifest_path(KEY).write_text("[" * 100_000)
    assert store.find(KEY) is None


def evil_archive(path, name, *, key=KEY, content=b"evil", digest=None):
    """An archive whose manifest has a file of this name, and which has it, wherever that leads."""
    (path.parent / "content").write_bytes(content)
    files = {name: digest or digest_file(path.parent / "content")}
    manifest = manifest_of(files, key=key)
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr(f"results/{key}.json", json.dumps(manifest))
        archive.writestr(f"objects/{manifest['digest']}/{name}", content)
        archive.writestr(name.replace("\0", "") or "x", content)
    return open_archive(path)


@pytest.mark.parametrize("name", EVIL_NAMES)
def test_an_archive_can_not_write_outside(tmp_path, name):
    archive = evil_archive(tmp_path / "evil.zip", name)
    store = Store(tmp_path / "deep/er/home")
    before = tree(tmp_path)
    with pytest.raises(PipelineError, match="is damaged: its manifest"):
        list(fetch_all(archive, store))
    after = tree(tmp_path)
    assert {
        path for path in after if path not in before and store.home not in path.parents
    } == set()
    assert list((store.home / "objects").iterdir()) == []
    assert not Path("/tmp/evil").exists()


@pytest.mark.parametrize("key", ["..", "../../evil", "...", "x", "~"])
def test_an_archive_can_not_name_keys_that_lead_elsewhere(tmp_path, key):
    archive = evil_archive(tmp_path / "evil.zip", "text", key=key)
    store = Store(tmp_path / "deep/er/home")
    store.home.mkdir(parents=True)
    (store.home / "keep").touch()
    before = tree(tmp_path)
    assert list(fetch_all(archive, store)) == []
    assert tree(tmp_path) == before


def test_an_archive_with_other_bytes_than_it_says_is_refused(tmp_path):
    archive = evil_archive(tmp_path / "evil.zip", "text", digest="b" * 64)
    store = Store(tmp_path / "home")
    with pytest.raises(PipelineError, match=r"evil\.zip: a+ is damaged: text has changed"):
        list(fetch_all(archive, store))
    assert list((store.home / "objects").iterdir()) == []
    assert store.find(KEY) is None


def test_a_link_in_a_remote_folder_brings_nothing_but_what_was_promised(tmp_path):
    secret = tmp_path / "secret"
    secret.write_text("secret")
    manifest = manifest_of({"text": "c" * 64})
    folder = tmp_path / "remote/objects" / manifest["digest"]
    folder.mkdir(parents=True)
    (folder / "text").symlink_to(secret)
    (tmp_path / "remote/results").mkdir()
    (tmp_path / f"remote/results/{KEY}.json").write_text(json.dumps(manifest))
    store = Store(tmp_path / "home")
    with pytest.raises(PipelineError, match="is damaged: text has changed"):
        list(fetch_all(open_remote(str(tmp_path / "remote")), store))
    assert not any(content == b"secret" for p, content in tree(store.home).items())


def test_good_archives_still_arrive(workshop):
    workshop.run()
    store, copy = Store(workshop.places["home"]), Store(workshop.folder / "copy")
    with new_archive(workshop.folder / "results.zip") as archive:
        for kept in contents(store):
            archive.push(store, kept.manifest)
    assert len(list(fetch_all(open_archive(workshop.folder / "results.zip"), copy))) == 3
    workshop.places["home"] = copy.home
    assert workshop.plan()["join"] == ("cached", "")


def test_arrays_with_objects_are_neither_written_nor_read(tmp_path):
    class Evil:
        def __reduce__(self):
            return (Path(tmp_path / "evil").touch, ())

    objects = np.array([Evil()], dtype=object)
    np.save(tmp_path / "array.npy", objects, allow_pickle=True)
    with pytest.raises(ValueError, match=r"allow_pickle=False|Python objects"):
        load_artifact(np.ndarray, tmp_path)
    assert not (tmp_path / "evil").exists()


def test_a_stage_that_makes_an_array_of_objects_fails(tmp_path):
    (tmp_path / "own.py").write_text(
        "import numpy as np\n"
        "from textdl.pipeline import stage\n\n"
        "@stage\ndef objects() -> np.ndarray:\n    return np.array([object()], dtype=object)\n"
    )
    (tmp_path / "own.toml").write_text('[objects]\nuses = "own.py:objects"\n')
    pipeline = read_pipeline(tmp_path / "own.toml", find_stage)
    with pytest.raises(StageFailedError, match="Object arrays cannot be saved"):
        run_pipeline(pipeline, home=tmp_path / "home", runs=tmp_path / "runs")


def test_nothing_in_the_runner_unpickles_or_evaluates():
    forbidden = {"pickle", "cPickle", "dill", "cloudpickle", "marshal", "shelve", "joblib", "yaml"}
    for path in Path(textdl.pipeline.__file__).parent.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            names = []
            if isinstance(node, ast.Import):
                names = [alias.name for alias in node.names]
            elif isinstance(node, ast.ImportFrom):
                names = [node.module or ""]
            elif isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
                assert node.func.id not in ("eval", "exec", "compile"), path
            elif isinstance(node, ast.keyword) and node.arg == "allow_pickle":
                assert isinstance(node.value, ast.Constant), path
                assert node.value.value is False, path
            assert not {name.split(".")[0] for name in names} & forbidden, path


OWN = """
from pathlib import Path
from textdl.pipeline import stage

Path({mark!r}).touch()

@stage
def f() -> dict:
    return {{}}
"""


@pytest.mark.parametrize(
    "place", ["../evil.py", "{outside}/evil.py", "sub/../../evil.py", "link.py", "way/evil.py"]
)
def test_a_pipeline_file_runs_no_python_file_outside_its_folder(tmp_path, place):
    inside, mark = tmp_path / "inside", tmp_path / "ran"
    (inside / "sub").mkdir(parents=True)
    (tmp_path / "evil.py").write_text(OWN.format(mark=str(mark)))
    (inside / "link.py").symlink_to(tmp_path / "evil.py")
    (inside / "way").symlink_to(tmp_path)
    uses = f"{place.format(outside=tmp_path)}:f"
    (inside / "p.toml").write_text(f'[f]\nuses = "{uses}"\n')
    with pytest.raises(PipelineError, match="is not in the folder of the pipeline"):
        read_pipeline(inside / "p.toml", find_stage)
    assert not mark.exists()


@pytest.mark.parametrize("uses", ["os:system", "os.system", "__import__", "builtins:eval", "x.py"])
def test_a_pipeline_file_names_nothing_but_stages(workshop, uses):
    workshop.write(f'[f]\nuses = "{uses}"\n')
    with pytest.raises(PipelineError, match="there is no stage"):
        workshop.run()


class Linked(Text):
    """A result with a link in its folder."""

    target = ""

    def save(self, folder):
        (folder / "text").write_text("x")
        (folder / "link").symlink_to(self.target)


@pytest.mark.parametrize("target", ["/etc", "/etc/passwd", "nowhere", "text"])
def test_a_result_may_hold_no_link(workshop, monkeypatch, target):
    monkeypatch.setattr(Linked, "target", target)

    @stage(version=1)
    def linking() -> Linked:
        return Linked("")

    workshop.write("[linking]\n")
    pipeline = read_pipeline(workshop.file, lambda name: linking)
    with pytest.raises(StageFailedError, match="link in the result is a link"):
        run_pipeline(pipeline, **workshop.places)
    assert list((workshop.places["home"] / "objects").iterdir()) == []


@pytest.mark.skipif(os.name != "posix", reason="permissions of POSIX")
@pytest.mark.parametrize(("umask", "allowed"), [(0o077, 0o700), (0o027, 0o750), (0o002, 0o775)])
def test_permissions_of_a_shared_store_are_respected(workshop, umask, allowed):
    before = os.umask(umask)
    try:
        workshop.run()
    finally:
        os.umask(before)
    for path in workshop.places["home"].rglob("*"):
        mode = stat.S_IMODE(path.stat().st_mode)
        assert mode & ~allowed == 0, path
        if path.is_file() and "objects" in path.parts:
            assert mode & 0o222 == 0, path
            assert mode & 0o040 == allowed & 0o040, path


def test_links_in_a_store_lead_to_no_removal_elsewhere(workshop):
    outside = workshop.folder / "outside"
    outside.mkdir()
    (outside / "precious").touch()
    workshop.run()
    home = workshop.places["home"]
    for name in (
        "objects/evil",
        f"objects/.{KEY}",
        f"objects/.damaged-{KEY}-1",
        f"checkpoints/{KEY}",
    ):
        (home / name).symlink_to(outside)
    workshop.run()
    collect(Store(home), max_size=0, keep_runs=None)
    assert (outside / "precious").exists()
