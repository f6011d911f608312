"""The root of an image whose server is a few lines: it says ready, holds requests back, or misbehaves on demand."""

from __future__ import annotations

import json
import sys
import urllib.request
from pathlib import Path

SERVER = """
import http.server, json, os, pathlib, signal, socketserver, sys, threading, time

MODE = os.environ.get("NBSHIP_SERVE_TEST", "")
LOGS = pathlib.Path(os.environ["NBSHIP_SERVE_LOG_DIR"])
LOGS.mkdir(parents=True, exist_ok=True)


def wait_for(name):
    while not (LOGS / name).exists():
        time.sleep(0.01)


class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        if self.path == "/hold":
            (LOGS / "held").touch()
            wait_for("release")
        ready = self.path != "/v2/health/ready" or MODE != "never"
        body = json.dumps({"environment": dict(os.environ), "path": sys.path, "prefix": sys.prefix}).encode()
        self.send_response(200 if ready else 503)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *arguments):
        pass


class Server(http.server.ThreadingHTTPServer):
    daemon_threads = False
    block_on_close = True


if MODE == "fail":
    print("nbship: the model is not what its bundle says", file=sys.stderr)
    sys.exit(3)
if MODE == "late":
    wait_for("go")
if MODE == "deaf":
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
else:
    signal.signal(signal.SIGTERM, lambda *_: threading.Thread(target=server.shutdown).start())
server = Server(("127.0.0.1", int(os.environ["NBSHIP_SERVE_PORT"])), Handler)
print("serving", file=sys.stderr)
server.serve_forever(poll_interval=0.01)
server.server_close()
"""


def make_root(folder: Path, python: str = "") -> Path:
    """Lay out what the layers of an image would hold, and return the folder."""
    package = folder / "opt/nbship/runtime/nbship"
    for place in (package / "serving", folder / "opt/nbship/site", folder / "opt/nbship/model"):
        place.mkdir(parents=True)
    (package / "__init__.py").touch()
    (package / "serving" / "__init__.py").touch()
    (package / "serving" / "__main__.py").write_text(SERVER, encoding="utf-8")
    minor = python or f"{sys.version_info.major}.{sys.version_info.minor}"
    (folder / "opt/nbship/model/bundle.json").write_text(json.dumps({"python": minor}), encoding="utf-8")
    return folder


def get(url: str) -> dict[str, object]:
    """Ask the server, which answers with what it sees of its surroundings."""
    with urllib.request.urlopen(url, timeout=30) as answer:
        content: dict[str, object] = json.load(answer)
        return content
