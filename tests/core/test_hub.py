"""Names become files: paths and bundled names without a network, hub ids through a small hub on this machine."""

import json
import os
import re
import subprocess
import sys
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from octet.core import artifacts, hub
from octet.core.errors import InvalidInput

COMMIT = "0123456789abcdef0123456789abcdef01234567"
FILES = {"config.json": b"{}", "model.safetensors": b"weights", "vocab.txt": b"a", "run_me.py": b"raise SystemExit"}


@pytest.fixture
def bundled(tmp_path: Path) -> Path:
    for name in ("fastspeech2", "vocos", "recogniser"):
        artifacts.save(tmp_path / "weights" / name, name, {}, {})
    (tmp_path / "weights" / "notes").mkdir()  # no artifact
    return tmp_path / "weights"


@pytest.mark.disable_socket
def test_bundled_names_and_paths_need_no_network(bundled, tmp_path):
    assert hub.bundled_names(bundled) == ["fastspeech2", "recogniser", "vocos"]
    assert hub.resolve("vocos", bundled=bundled) == bundled / "vocos"
    (tmp_path / "generator.pth.tar").touch()
    for path in (tmp_path / "weights" / "notes", tmp_path / "generator.pth.tar"):
        assert hub.resolve(str(path), bundled=bundled) == path


@pytest.mark.disable_socket
def test_a_path_comes_before_a_bundled_name(bundled, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "vocos").mkdir()
    assert hub.resolve("vocos", bundled=bundled).resolve() == tmp_path / "vocos"
    monkeypatch.setenv("HOME", str(tmp_path))
    assert hub.resolve("~/vocos", bundled=bundled) == tmp_path / "vocos"


@pytest.mark.disable_socket
@pytest.mark.parametrize("name", ["fastspech2", "notes", "", "./nothing", "a/b/c", "../weights", "音声", "x/--/y"])
def test_unknown_names_are_answered_in_one_line(bundled, name):
    with pytest.raises(InvalidInput, match=r"no model called .*one of fastspeech2, recogniser, vocos") as caught:
        hub.resolve(name, bundled=bundled)
    assert ("did you mean 'fastspeech2'?" in str(caught.value)) == (name == "fastspech2")
    assert "\n" not in str(caught.value)


def test_nothing_bundled(tmp_path):
    with pytest.raises(InvalidInput, match="or one of none"):
        hub.resolve("vocos", bundled=tmp_path / "absent")


@pytest.mark.disable_socket
def test_offline_by_argument_and_by_environment(bundled, monkeypatch):
    message = "'owner/name' is no path on this disk, and offline it is not in the hub's cache"
    with pytest.raises(InvalidInput, match=message):
        hub.resolve("owner/name", bundled=bundled, offline=True)
    for variable in ("OCTET_OFFLINE", "HF_HUB_OFFLINE"):
        with monkeypatch.context() as patch:
            patch.setenv(variable, "1")
            with pytest.raises(InvalidInput, match=message):
                hub.resolve("owner/name", bundled=bundled)


@pytest.mark.disable_socket
@pytest.mark.filterwarnings("ignore:A test tried to use socket")
def test_a_blocked_network_is_one_clear_line(bundled):
    with pytest.raises(InvalidInput, match="'owner/name' is no path on this disk, and fetching") as caught:
        hub.resolve("owner/name", bundled=bundled, offline=False)
    assert "\n" not in str(caught.value)


def test_an_invalid_id_is_explained(bundled):
    with pytest.raises(InvalidInput, match="not a valid hub id either: write 'owner/name'"):
        hub.resolve("owner/two..dots", bundled=bundled)


class Hub(BaseHTTPRequestHandler):
    """As much of the hub's protocol as fetching a repository takes."""

    def do_GET(self) -> None:
        listing = [{"type": "file", "path": name, "size": len(data), "oid": name} for name, data in FILES.items()]
        if re.fullmatch(r"/api/models/owner/good/revision/(main|v1)", self.path):
            self._answer(200, json.dumps({"id": "owner/good", "sha": COMMIT}).encode())
        elif self.path.startswith("/api/models/owner/good/revision/"):
            self._answer(404, b"{}", {"X-Error-Code": "RevisionNotFound"})
        elif self.path.startswith(f"/api/models/owner/good/tree/{COMMIT}"):
            self._answer(200, json.dumps(listing).encode())
        elif self.path.startswith(f"/owner/good/resolve/{COMMIT}/"):
            name = self.path.rpartition("/")[2]
            self._answer(200, FILES[name], {"ETag": f'"{name}"', "X-Repo-Commit": COMMIT})
        elif "gated" in self.path:
            self._answer(403, b"{}", {"X-Error-Code": "GatedRepo"})
        elif "broken" in self.path:
            self._answer(500, b"{}")
        else:
            self._answer(404, b"{}", {"X-Error-Code": "RepoNotFound"})

    def do_HEAD(self) -> None:
        self.do_GET()

    def log_message(self, *_args: object) -> None:
        """Stay quiet."""

    def _answer(self, status: int, body: bytes, headers: dict[str, str] | None = None) -> None:
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        for name, value in (headers or {}).items():
            self.send_header(name, value)
        self.end_headers()
        if self.command == "GET":
            self.wfile.write(body)


@pytest.fixture
def endpoint():
    server = ThreadingHTTPServer(("127.0.0.1", 0), Hub)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


def resolve_elsewhere(endpoint: str, cache: Path, *names: str, **options: object) -> list[str]:
    """Resolve in another process, since the hub's address is read when its package is imported."""
    program = (
        "import sys\nfrom pathlib import Path\nfrom octet.core import hub\nfrom octet.core.errors import InvalidInput\n"
        "for name in sys.argv[1:]:\n"
        f"    try: print(hub.resolve(name, bundled=Path('absent'), **{options!r}))\n"
        "    except InvalidInput as error: print(error)\n"
    )
    environment = {**os.environ, "HF_ENDPOINT": endpoint, "HF_HOME": str(cache), "HF_HUB_DISABLE_PROGRESS_BARS": "1"}
    ran = subprocess.run([sys.executable, "-c", program, *names], env=environment, capture_output=True, text=True)
    assert ran.returncode == 0, ran.stderr
    return ran.stdout.splitlines()


def test_a_repository_is_fetched_without_its_code_and_then_found_offline(endpoint, tmp_path):
    (line,) = resolve_elsewhere(endpoint, tmp_path, "owner/good")
    fetched = {path.name: path.read_bytes() for path in Path(line).iterdir()}
    assert fetched == {name: data for name, data in FILES.items() if not name.endswith(".py")}
    assert resolve_elsewhere("http://127.0.0.1:9", tmp_path, "owner/good", offline=True) == [line]
    assert resolve_elsewhere(endpoint, tmp_path, "owner/good", revision="v1") == [line]


def test_every_refusal_of_the_hub_has_its_remedy(endpoint, tmp_path):
    missing, gated, broken = resolve_elsewhere(endpoint, tmp_path, "owner/missing", "owner/gated", "owner/broken")
    (revision,) = resolve_elsewhere(endpoint, tmp_path, "owner/good", revision="v2")
    assert "shows no such repository" in missing
    assert "asks to accept its terms" in gated
    assert "does not answer" in broken
    assert "no such revision" in revision


def test_no_network_is_said_quickly(tmp_path):
    started = time.monotonic()
    (line,) = resolve_elsewhere("http://127.0.0.1:9", tmp_path, "owner/name", offline=False)
    assert line.startswith("'owner/name' is no path on this disk, and the hub does not answer: check the network")
    assert time.monotonic() - started < 30
