"""A small token server, as big registries have one: it knows two users and signs what the registry then believes.

The protocol is that of https://distribution.github.io/distribution/spec/auth/jwt/.
"""

from __future__ import annotations

import base64
import datetime as dt
import json
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any, Self
from urllib.parse import parse_qs, urlsplit

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.x509.oid import NameOID

PASSWORD = "open sesame"
RIGHTS = {"lead": {"pull", "push"}, "reader": {"pull"}}


class TokenServer:
    """Tokens for ``lead``, who may do everything, and ``reader``; the identity token of ``lead`` is the password.

    Attributes
    ----------
    asked
        The scopes of every request.
    configuration
        What the configuration of a registry has to say.
    """

    def __init__(self, folder: Path) -> None:
        self._key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        self._certificate = self._sign_certificate()
        bundle = folder / "bundle.pem"
        bundle.write_bytes(self._certificate.public_bytes(serialization.Encoding.PEM))
        self.asked: list[list[str]] = []
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        realm = f"http://127.0.0.1:{self._server.server_port}/token"
        self.configuration = (
            f"auth:\n  token: {{realm: '{realm}', service: tests, issuer: tests, rootcertbundle: {bundle}}}\n"
        )

    def __enter__(self) -> Self:
        self._thread = Thread(target=self._server.serve_forever, args=(0.01,))
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                fields = parse_qs(urlsplit(self.path).query)
                pair = base64.b64decode(self.headers.get("Authorization", "").removeprefix("Basic ")).decode()
                user, _, password = pair.partition(":")
                self._answer(user if password == PASSWORD else "", fields.get("scope", []), "token")

            def do_POST(self) -> None:
                fields = parse_qs(self.rfile.read(int(self.headers["Content-Length"])).decode())
                known = fields["refresh_token"] == [PASSWORD] and fields["grant_type"] == ["refresh_token"]
                self._answer("lead" if known else "", fields["scope"][0].split(), "access_token")

            def _answer(self, user: str, scopes: list[str], name: str) -> None:
                outer.asked.append(scopes)
                body = json.dumps({name: outer.token(user, scopes)} if user in RIGHTS else {}).encode()
                self.send_response(200 if user in RIGHTS else 401)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *arguments: object) -> None:
                pass

        return Handler

    def token(self, user: str, scopes: list[str]) -> str:
        """Return a token for as much of the scopes as the user may do."""
        now = int(time.time())
        access = []
        for scope in scopes:
            kind, name, actions = scope.split(":")
            access.append(
                {"type": kind, "name": name, "actions": sorted(RIGHTS[user] & set(actions.split(",")))}
            )
        claims = {
            "iss": "tests",
            "aud": "tests",
            "sub": user,
            "nbf": now - 60,
            "iat": now,
            "exp": now + 600,
            "access": access,
        }
        der = self._certificate.public_bytes(serialization.Encoding.DER)
        header = {"typ": "JWT", "alg": "RS256", "x5c": [base64.b64encode(der).decode()]}
        signed = f"{_encoded(header)}.{_encoded(claims)}"
        signature = self._key.sign(signed.encode(), padding.PKCS1v15(), hashes.SHA256())
        return f"{signed}.{base64.urlsafe_b64encode(signature).decode().rstrip('=')}"

    def _sign_certificate(self) -> x509.Certificate:
        name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "tests")])
        now = dt.datetime.now(dt.UTC)
        return (
            x509.CertificateBuilder()
            .subject_name(name)
            .issuer_name(name)
            .public_key(self._key.public_key())
            .serial_number(1)
            .not_valid_before(now - dt.timedelta(days=1))
            .not_valid_after(now + dt.timedelta(days=1))
            .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
            .sign(self._key, hashes.SHA256())
        )


def _encoded(data: dict[str, Any]) -> str:
    return base64.urlsafe_b64encode(json.dumps(data).encode()).decode().rstrip("=")
