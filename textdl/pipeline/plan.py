"""What would run, and why."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from textdl.pipeline.errors import PipelineError
from textdl.pipeline.graph import Node, Pipeline
from textdl.pipeline.store.digests import DigestMemory, digest_json
from textdl.pipeline.store.remote import Remote
from textdl.pipeline.store.results import Manifest, Store

KEY_FORMAT = 1


@dataclass(frozen=True)
class Step:
    """A stage of a plan.

    Attributes:
        state: ``cached``; ``remote``: it will be fetched; ``run``; or ``depends``: on whether a
            stage before it, which runs, comes out with other bytes than last time.
        reason: why it runs.
        content: what the key is the digest of; None while an input is not known.
        manifest: the result, if it is cached or remote.
        warning: what a person should know.
    """

    node: Node
    state: Literal["cached", "remote", "run", "depends"]
    reason: str
    content: dict[str, Any] | None = None
    manifest: Manifest | None = None
    warning: str | None = None

    @property
    def key(self) -> str | None:
        """The key of the result, None while an input is not known."""
        return digest_json(self.content) if self.content else None

    def as_json(self) -> dict[str, Any]:
        return {
            "stage": self.node.name,
            "uses": self.node.uses,
            "state": self.state,
            "reason": self.reason,
            "key": self.key,
            "content": self.content,
            "warning": self.warning,
        }


@dataclass
class Planner:
    """Decides stage by stage.

    Attributes:
        remote: where results may be that the store does not have.
        forced: the stages to run although they are cached.
        previous: what the last run recorded of each stage, for the reasons.
        away: why the remote place is not asked any more.
    """

    store: Store
    remote: Remote | None = None
    forced: Collection[str] = ()
    previous: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    away: str | None = None

    def plan(self, pipeline: Pipeline) -> list[Step]:
        """The steps of a pipeline that is not run now."""
        results: dict[str, Manifest] = {}
        steps = []
        for node in pipeline.nodes:
            step = self.step(node, results)
            if step.manifest:
                results[node.name] = step.manifest
            steps.append(step)
        self.store.digests.save()
        return steps

    def step(self, node: Node, results: Mapping[str, Manifest]) -> Step:
        """What to do with a stage, given the results so far."""
        open_inputs = [source for source in node.sources if source not in results]
        if open_inputs:
            reason = f"waits for {_listed(open_inputs)}"
            return Step(node, "run" if node.name in self.forced else "depends", reason)
        content = _key_content(node, results, self.store.digests)
        key = digest_json(content)
        if node.name in self.forced:
            return Step(node, "run", "forced", content)
        manifest = self.store.find(key)
        damage = self.store.damage(manifest) if manifest else None
        state: Literal["cached", "remote"] = "cached"
        warning = None
        if damage or not manifest:
            state = "remote"
            manifest, warning = self._elsewhere(key)
        if manifest:
            stale = _stale(node, manifest, self.store.digests)
            return Step(node, state, "", content, manifest, stale)
        reason = f"output damaged: {damage}" if damage else self._difference(node, content)
        return Step(node, "run", reason, content, warning=warning)

    def _elsewhere(self, key: str) -> tuple[Manifest | None, str | None]:
        """What the remote place has, and a warning if it can't be asked; it is not asked again."""
        try:
            return self.remote.find(key) if self.remote else None, None
        except PipelineError as error:
            self.remote = None
            self.away = f"{error}. What it may have is computed, and nothing is copied there"
            return None, self.away

    def _difference(self, node: Node, content: Mapping[str, Any]) -> str:
        before = self.previous.get(node.name, {}).get("content")
        if not before or before["stage"] != content["stage"]:
            return "not computed yet"
        changes = []
        if before["version"] != content["version"]:
            changes.append(f"version {before['version']} → {content['version']}")
        if before.get("source") != content.get("source"):
            changes.append("its source changed")
        old, new = before["settings"], content["settings"]
        for name in sorted(old.keys() | new.keys()):
            if old.get(name) != new.get(name):
                files = _are_files(new.get(name)) and _are_files(old.get(name))
                what = "changed" if files else f"{_shown(old.get(name))} → {_shown(new.get(name))}"
                changes.append(f"{name} {what}")
        old, new = before["inputs"], content["inputs"]
        for name in sorted(old.keys() | new.keys()):
            if old.get(name) != new.get(name):
                changes.append(
                    _changed_input(node.inputs.get(name, name), old.get(name), new.get(name))
                )
        if not changes and before.get("measured") != content.get("measured"):
            changes.append("its inputs were measured anew")
        return ", ".join(changes) or "its result is gone from the store"


def estimate(step: Step, manifests: Iterable[Manifest]) -> float | None:
    """Seconds that a stage may take: those that it took with the most similar settings."""
    settings = step.node.settings.items()
    like = [
        (sum(other["settings"].get(name) == value for name, value in settings), other["seconds"])
        for other in manifests
        if other["stage"] == step.node.stage.name and not other["resumed"]
    ]
    return max(like)[1] if like else None


def _stale(node: Node, manifest: Manifest, memory: DigestMemory) -> str | None:
    if node.stage.source or manifest["source"] == node.stage.source_digest(memory):
        return None
    return (
        f"the source behind {node.name} has changed since this result was computed, and its "
        f"version has not: if the change matters, run with --force {node.name}"
    )


def _changed_input(source: str | tuple[str, ...], old: Any, new: Any) -> str:
    if isinstance(source, str):
        return f"input {source} changed"
    if isinstance(old, str):  # it took one input, and takes several now
        return "its inputs changed"
    before, after = dict(old or ()), dict(new)
    names = [n for n in {**after, **before} if before.get(n) != after.get(n)]
    return f"input {' and '.join(names)} changed" if names else "the order of the inputs changed"


def _listed(names: list[str]) -> str:
    if len(names) > 4:
        names = [", ".join(names[:3]), f"{len(names) - 3} others"]
    return " and ".join(names)


def _are_files(value: Any) -> bool:
    return isinstance(value, dict) and value.keys() == {"files"}


def _shown(value: Any) -> str:
    return "files" if _are_files(value) else str(value)


def _key_content(
    node: Node, results: Mapping[str, Manifest], memory: DigestMemory
) -> dict[str, Any]:
    """What a key is the digest of: all that a stage's result depends on.

    Raises:
        PipelineError: a file that a setting names can't be read.
    """
    stage = node.stage
    settings = {name: value for name, value in node.settings.items() if name not in stage.unkeyed}
    for name, files_of in stage.files.items():
        try:
            files = files_of(node.settings)
            if files is not None:
                settings[name] = {"files": {at: memory.digest(p) for at, p in files.items()}}
        except (OSError, ValueError) as error:
            raise PipelineError(f"{node.name}.{name}: {error}") from error
    digests = {source: results[source]["digest"] for source in node.sources}
    content = {
        "format": KEY_FORMAT,
        "stage": stage.name,
        "version": stage.version,
        "settings": settings,
        "inputs": node.input_digests(digests),
    }
    if stage.source:
        content["source"] = stage.source
    if stage.takes_measured:
        content["measured"] = {source: _measured(results[source]) for source in node.sources}
    return content


def _measured(manifest: Manifest) -> dict[str, float]:
    """What was measured when a result was computed."""
    figures = {name: manifest[name] for name in ("seconds", "resumed")}
    return {**figures, **manifest["measured"]}
