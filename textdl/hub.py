"""Putting vectors and models on the Hugging Face Hub."""

from __future__ import annotations

import os
from pathlib import Path

from textdl.cards import FILE
from textdl.errors import InputError


def push(
    artifact: str | os.PathLike[str],
    repo: str,
    *,
    private: bool = False,
    token: str | None = None,
) -> str:
    """Upload a saved model or saved vectors, with their card, and return their address.

    Args:
        artifact: a folder that ``save`` or a pipeline wrote.
        repo: ``user/name``; made if there is none.
        private: only for a repository that is made now.
        token: default what ``hf auth login`` or ``HF_TOKEN`` says.

    Raises:
        InputError: the folder holds neither, or the Hub refuses or can't be reached.
    """
    from huggingface_hub import HfApi
    from huggingface_hub.errors import (  # type: ignore[attr-defined]
        HFValidationError,
        HTTPError,
    )

    folder = Path(artifact)
    if not any((folder / name).is_file() for name in ("model.json", "vectors.json")):
        raise InputError(
            f"{folder}: neither a saved model nor saved vectors: give a folder such as "
            "runs/imdb/textcnn"
        )
    if not (folder / FILE).is_file():
        raise InputError(f"{folder}: has no card ({FILE}): load and save it again with this textdl")
    api = HfApi(token=token)
    try:
        made = api.create_repo(repo, private=private, exist_ok=True)
        api.upload_folder(
            repo_id=made.repo_id,
            folder_path=folder.resolve(),
            commit_message="Upload with textdl",
        )
    except (HTTPError, HFValidationError, OSError) as error:
        raise InputError(f"{repo}: can't be uploaded to: {error}") from error
    return str(made)
