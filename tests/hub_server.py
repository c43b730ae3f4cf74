"""A Hub-compatible server over a folder: what huggingface_hub and datasets ask to read a repository.

`<root>/<datasets, models or spaces>/<organisation>/<name>/…` are repositories with one commit,
the main branch and a tag `v1`. Names that begin with `gated-` are gated, those with `private-` answer 404.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import re
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

COMMIT = "c" * 40
REVISIONS = ("main", "v1", COMMIT)
API = re.compile(r"/api/(models|datasets|spaces)/([^/]+/[^/]+)(?:/(revision|tree|paths-info)/([^/]+)(?:/(.*))?)?$")
FILE = re.compile(r"/(?:(datasets|spaces)/)?([^/]+/[^/]+)/resolve/([^/]+)/(.+)$")


class Refused(Exception):
    """An answer with an error code, as the Hub gives it."""

    def __init__(self, status: int, code: str) -> None:
        self.status, self.code = status, code


class Hub(ThreadingHTTPServer):
    """The server; `asked` are the paths of all requests."""

    daemon_threads = True

    def __init__(self, root: Path) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.root, self.asked = root, []

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"

    def repo(self, kind: str, name: str, revision: str) -> Path:
        folder, short = self.root / kind / name, name.split("/")[1]
        if short.startswith("gated-"):
            raise Refused(403, "GatedRepo")
        if short.startswith("private-") or not folder.is_dir():
            raise Refused(404, "RepoNotFound")
        if revision not in REVISIONS:
            raise Refused(404, "RevisionNotFound")
        return folder


class _Handler(BaseHTTPRequestHandler):
    server: Hub
    protocol_version = "HTTP/1.1"

    def log_message(self, *args: Any) -> None:
        pass

    def do_GET(self) -> None:
        self._answer()

    def do_HEAD(self) -> None:
        self._answer()

    def do_POST(self) -> None:
        self._answer(self.rfile.read(int(self.headers.get("Content-Length") or 0)))

    def _answer(self, body: bytes = b"") -> None:
        path = unquote(urlsplit(self.path).path)
        self.server.asked.append(path)
        try:
            if found := API.fullmatch(path):
                self._json(self._api(*found.groups(), body))
            elif found := FILE.fullmatch(path):
                self._file(*found.groups())
            else:
                raise Refused(404, "RepoNotFound")
        except Refused as refused:
            self._send(refused.status, b"", {"X-Error-Code": refused.code, "X-Error-Message": refused.code})

    def _api(
        self, kind: str, name: str, what: str | None, revision: str | None, inside: str | None, body: bytes
    ) -> Any:
        folder = self.server.repo(kind, name, revision or "main")
        files = sorted(p for p in folder.rglob("*") if p.is_file())
        if what == "tree":
            below = folder / (inside or "")
            if not below.exists():
                raise Refused(404, "EntryNotFound")
            return [_entry(folder, p) for p in sorted(below.rglob("*"))]
        if what == "paths-info":
            asked = json.loads(body)["paths"] if body[:1] == b"{" else parse_qs(body.decode()).get("paths", [])
            return [_entry(folder, folder / p) for p in asked if (folder / p).exists()]
        return {
            "id": name, "sha": COMMIT, "private": False, "gated": False, "disabled": False, "downloads": 0, "likes": 0,
            "tags": [], "createdAt": "2026-01-01T00:00:00.000Z", "lastModified": "2026-01-01T00:00:00.000Z",
            "siblings": [{"rfilename": p.relative_to(folder).as_posix()} for p in files],
        }  # fmt: skip

    def _file(self, kind: str | None, name: str, revision: str, inside: str) -> None:
        path = self.server.repo(kind or "models", name, revision) / inside
        if not path.is_file():
            raise Refused(404, "EntryNotFound")
        data = path.read_bytes()
        headers = {"ETag": f'"{hashlib.sha1(data).hexdigest()}"', "X-Repo-Commit": COMMIT, "Accept-Ranges": "bytes"}
        part = re.fullmatch(r"bytes=(\d+)-(\d*)", self.headers.get("Range", ""))
        if part:
            start, end = int(part[1]), min(int(part[2] or len(data)), len(data) - 1)
            headers["Content-Range"] = f"bytes {start}-{end}/{len(data)}"
            data = data[start : end + 1]
        self._send(206 if part else 200, data, headers)

    def _json(self, document: Any) -> None:
        self._send(200, json.dumps(document).encode(), {"Content-Type": "application/json"})

    def _send(self, status: int, data: bytes, headers: dict[str, str]) -> None:
        self.send_response(status)
        for name, value in {"Content-Length": str(len(data)), **headers}.items():
            self.send_header(name, value)
        self.end_headers()
        if self.command != "HEAD":
            with contextlib.suppress(BrokenPipeError, ConnectionResetError):
                self.wfile.write(data)


def _entry(folder: Path, path: Path) -> dict[str, Any]:
    name = path.relative_to(folder).as_posix()
    if path.is_dir():
        return {"type": "directory", "path": name, "size": 0, "oid": "0" * 40}
    data = path.read_bytes()
    return {"type": "file", "path": name, "size": len(data), "oid": hashlib.sha1(data).hexdigest()}


@contextlib.contextmanager
def served(root: Path) -> Iterator[Hub]:
    """The Hub on a free port."""
    hub = Hub(root)
    threading.Thread(target=hub.serve_forever, daemon=True).start()
    try:
        yield hub
    finally:
        hub.shutdown()
        hub.server_close()
