"""What a file is, if it is no vectors."""

from __future__ import annotations

_PICKLE = (
    "a Python pickle, which textdl never opens: loading one runs what is in it. In gensim, write "
    "the vectors with kv.save_word2vec_format(name, binary=True), or hand the loaded object to "
    "textdl.Vectors.from_gensim"
)
_SIGNS = [
    (b"\x80\x02", _PICKLE),
    (b"\x80\x03", _PICKLE),
    (b"\x80\x04", _PICKLE),
    (b"\x80\x05", _PICKLE),
    (b"%PDF", "a PDF document"),
    (b"\x89PNG", "a picture (PNG)"),
    (b"\xff\xd8\xff", "a picture (JPEG)"),
    (b"GIF8", "a picture (GIF)"),
    (b"\x7fELF", "a program (ELF)"),
    (b"\x89HDF", "an HDF5 file"),
    (b"SQLite format 3", "an SQLite database"),
    (b"PAR1", "a Parquet table"),
    (b"ARROW1", "an Arrow file"),
    (b"GGUF", "a GGUF model"),
    (b"7z\xbc\xaf\x27\x1c", "a 7z archive: unpack it first"),
    (b"Rar!", "a RAR archive: unpack it first"),
    (b"\xff\xfe", "text in UTF-16: convert it with iconv -f UTF-16 -t UTF-8"),
    (b"\xfe\xff", "text in UTF-16: convert it with iconv -f UTF-16 -t UTF-8"),
    (b"version https://git-lfs", "a pointer of Git LFS: fetch the file itself with git lfs pull"),
]


def describe(head: bytes) -> str:
    """A few words on what begins with these bytes."""
    for sign, meaning in _SIGNS:
        if head.startswith(sign):
            return f"is {meaning}"
    start = head.removeprefix(b"\xef\xbb\xbf").lstrip()[:200].lower()
    if start.startswith((b"<!doctype html", b"<html")):
        return "is a web page, probably an error message in place of a download: get it again"
    if start.startswith((b"<?xml", b"<")):
        return "is XML"
    if start.startswith((b"{", b"[")):
        return "is JSON"
    if head[257:262] == b"ustar":
        return "is a tar archive: unpack it first"
    if not head.strip(b"\0"):
        return "holds nothing but zeros" if head else "is empty"
    line = head.partition(b"\n")[0][:40]
    text = line.decode("utf-8", "backslashreplace")
    return f"begins with {text!r}"
