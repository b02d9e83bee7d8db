"""Copying a file from a web server, so that an interruption costs little."""

from __future__ import annotations

import http.client
import re
import socket
import ssl
import time
import urllib.error
import urllib.parse
import urllib.request
from pathlib import Path
from typing import Any

import textdl
from textdl.errors import InputError
from textdl.progress import Progress
from textdl.vectors.sources.transfers import save

TIMEOUT = 30.0
ATTEMPTS = 5
PAUSE = 1.0

_PASSING = {408, 425, 429, 500, 502, 503, 504}


def copy_http(
    address: str, part: Path, size: int | None, checked: bool, progress: Progress
) -> None:
    """Copy from a web server, going on where ``part`` ends if the file is still the same.

    A dropped connection is taken up again, ``ATTEMPTS`` times without a new byte.

    Args:
        part: holds what has come; beside it, ``.version`` holds what the server said the file is.
        size: how many bytes it should have, if that is known.
        checked: whether a checksum will tell if the server's file has changed between two parts.

    Raises:
        InputError: the server is not there or does not give the file, the file has another size, or
            the disk is full.
    """
    furthest, failures = _length(part), 0
    while True:
        try:
            _request(address, part, size, checked, progress)
            return
        except (OSError, http.client.HTTPException) as error:
            reason = _passing(address, error)
        failures = 0 if _length(part) > furthest else failures + 1
        furthest = max(furthest, _length(part))
        if failures >= ATTEMPTS:
            raise InputError(
                f"{address}: can't be downloaded: {reason}. Try again later: what has come is kept"
            )
        progress.note(f"{address}: {reason}; trying again")
        time.sleep(PAUSE * 2 ** (failures - 1))


def _request(address: str, part: Path, size: int | None, checked: bool, progress: Progress) -> None:
    version = part.with_name(f"{part.name}.version")
    same = version.read_text("utf-8") if version.is_file() else ""
    begin = _length(part) if same or checked else 0
    headers = {"User-Agent": f"textdl/{textdl.__version__}"}
    if begin:
        headers["Range"] = f"bytes={begin}-"
    if begin and same:
        headers["If-Range"] = same
    # Leaves what has a meaning in an address and what is quoted already.
    quoted = urllib.parse.quote(address, safe="%/:=&?~#+!$,;'@()*[]")
    try:
        response = urllib.request.urlopen(
            urllib.request.Request(quoted, headers=headers), timeout=TIMEOUT
        )
    except urllib.error.HTTPError as error:
        if error.code == 416 and begin:
            error.close()
            if _extent(error.headers)[1] == begin:
                return
            part.unlink()
            raise ConnectionError("the file on the server has become shorter") from error
        raise
    with response:
        if response.status == 206:
            first, total = _extent(response.headers)
            if first != begin:
                part.unlink()
                raise ConnectionError("the server sent another part than it was asked for")
        else:
            length = response.headers.get("Content-Length") or ""
            begin, total = 0, int(length) if length.isdigit() else None
        if size is not None and total is not None and total != size:
            part.unlink(missing_ok=True)
            version.unlink(missing_ok=True)
            raise InputError(
                f"{address}: has {total:,} bytes, and should have {size:,}: it is not the file "
                "that was expected"
            )
        if begin == 0:
            part.write_bytes(b"")
            version.write_text(_validator(response.headers), "utf-8")
        done = save(response, part, begin, total or size, progress)
    if total is not None and done < total:
        raise ConnectionError(f"the connection was closed at byte {done:,} of {total:,}")


def _length(part: Path) -> int:
    return part.stat().st_size if part.is_file() else 0


def _extent(headers: Any) -> tuple[int | None, int | None]:
    """From ``Content-Range``, the first byte and the size of the whole file."""
    found = re.fullmatch(r"bytes (?:(\d+)-\d+|\*)/(\d+|\*)", headers.get("Content-Range") or "")
    first, total = found.groups() if found else (None, None)
    return int(first) if first else None, int(total) if total and total != "*" else None


def _validator(headers: Any) -> str:
    """What ``If-Range`` may name: a strong ETag or a date."""
    etag = headers.get("ETag") or ""
    return etag if etag.startswith('"') else headers.get("Last-Modified") or ""


def _passing(address: str, error: Exception) -> str:
    """The reason of an error that may pass.

    Raises:
        InputError: it won't.
    """
    if isinstance(error, urllib.error.HTTPError):
        error.close()
        if error.code in _PASSING:
            return f"the server answered {error.code} {error.reason}"
        meaning = {
            401: "the server wants to know who asks",
            403: "the server does not allow it",
            404: "the server has no such file",
            410: "the server no longer has this file",
        }.get(error.code, "the server refuses")
        raise InputError(f"{address}: {meaning} ({error.code} {error.reason})") from error
    reason = error.reason if isinstance(error, urllib.error.URLError) else error
    if isinstance(reason, socket.gaierror) and reason.errno != socket.EAI_AGAIN:
        host = urllib.parse.urlsplit(address).hostname
        raise InputError(
            f"{address}: there is no host {host!r}, or no network ({reason.strerror}). Check the "
            "address and the connection"
        ) from error
    if isinstance(reason, (ssl.SSLCertVerificationError, http.client.InvalidURL, str)):
        raise InputError(f"{address}: can't be downloaded: {reason}") from error
    return getattr(reason, "strerror", None) or str(reason) or type(reason).__name__
