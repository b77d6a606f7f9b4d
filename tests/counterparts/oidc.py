"""A small OpenID provider with its own sign-in page: discovery, code flow with PKCE, signed id tokens, userinfo."""

from __future__ import annotations

import base64
import hashlib
import json
import secrets
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import jwt
from cryptography.hazmat.primitives.asymmetric import rsa
from jwt.algorithms import RSAAlgorithm

FORM = """<!doctype html><html lang="en"><title>Directory</title><form method="post" action="/authorize?{query}">
<label>Name <input name="username"></label><button>Sign in</button></form></html>"""


@dataclass
class Provider:
    """What the provider knows: its client, the people in its directory, codes and tokens it gave."""

    url: str = ""
    client_id: str = "huiyin"
    secret: str = "not-a-secret"
    people: dict[str, dict[str, str]] = field(default_factory=dict)
    key: rsa.RSAPrivateKey = field(default_factory=lambda: rsa.generate_private_key(65537, 2048))
    codes: dict[str, dict[str, str]] = field(default_factory=dict)
    tokens: dict[str, str] = field(default_factory=dict)

    def discovery(self) -> dict[str, Any]:
        return {
            "issuer": self.url,
            "authorization_endpoint": f"{self.url}/authorize",
            "token_endpoint": f"{self.url}/token",
            "userinfo_endpoint": f"{self.url}/userinfo",
            "jwks_uri": f"{self.url}/jwks",
            "response_types_supported": ["code"],
            "subject_types_supported": ["public"],
            "id_token_signing_alg_values_supported": ["RS256"],
            "token_endpoint_auth_methods_supported": ["client_secret_basic", "client_secret_post"],
            "code_challenge_methods_supported": ["S256"],
        }

    def jwks(self) -> dict[str, Any]:
        public = json.loads(RSAAlgorithm.to_jwk(self.key.public_key()))
        return {"keys": [public | {"kid": "1", "use": "sig", "alg": "RS256"}]}

    def grant(self, asked: dict[str, str], username: str) -> str:
        """The address the browser goes back to, with a code or with a refusal."""
        assert (asked["client_id"], asked["response_type"]) == (self.client_id, "code")
        assert asked["code_challenge_method"] == "S256"
        if username not in self.people:
            return f"{asked['redirect_uri']}?{urlencode({'error': 'access_denied', 'state': asked['state']})}"
        code = secrets.token_urlsafe(16)
        self.codes[code] = asked | {"username": username}
        return f"{asked['redirect_uri']}?{urlencode({'code': code, 'state': asked['state']})}"

    def exchange(self, sent: dict[str, str], authorization: str) -> tuple[int, dict[str, Any]]:
        """A code for tokens, once, and only to who proves to be the one that began."""
        if authorization.startswith("Basic "):
            name, _colon, secret = base64.b64decode(authorization[6:]).decode().partition(":")
        else:
            name, secret = sent.get("client_id", ""), sent.get("client_secret", "")
        asked = self.codes.pop(sent.get("code", ""), None)
        digest = hashlib.sha256(sent.get("code_verifier", "").encode()).digest()
        challenge = base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
        if (name, secret) != (self.client_id, self.secret) or asked is None or challenge != asked["code_challenge"]:
            return 400, {"error": "invalid_grant"}
        now = int(time.time())
        claims = {"iss": self.url, "aud": self.client_id, "iat": now, "exp": now + 300, "nonce": asked.get("nonce", "")}
        claims |= {"sub": f"person-{asked['username']}"} | self.people[asked["username"]]
        access = secrets.token_urlsafe(16)
        self.tokens[access] = asked["username"]
        id_token = jwt.encode(claims, self.key, algorithm="RS256", headers={"kid": "1"})
        return 200, {"access_token": access, "token_type": "Bearer", "expires_in": 300, "id_token": id_token}

    def userinfo(self, authorization: str) -> tuple[int, dict[str, Any]]:
        username = self.tokens.get(authorization.removeprefix("Bearer "))
        if username is None:
            return 401, {"error": "invalid_token"}
        return 200, {"sub": f"person-{username}"} | self.people[username]


class Handler(BaseHTTPRequestHandler):
    provider: Provider

    def do_GET(self) -> None:
        address = urlsplit(self.path)
        match address.path:
            case "/.well-known/openid-configuration":
                self.say(200, self.provider.discovery())
            case "/jwks":
                self.say(200, self.provider.jwks())
            case "/userinfo":
                self.say(*self.provider.userinfo(self.headers.get("Authorization", "")))
            case "/authorize":
                self.say(200, FORM.format(query=address.query.replace("&", "&amp;")))
            case _:
                self.say(404, {})

    def do_POST(self) -> None:
        address = urlsplit(self.path)
        sent = self.flat(self.rfile.read(int(self.headers["Content-Length"])).decode())
        if address.path == "/token":
            self.say(*self.provider.exchange(sent, self.headers.get("Authorization", "")))
            return
        self.send_response(303)
        self.send_header("Location", self.provider.grant(self.flat(address.query), sent["username"]))
        self.end_headers()

    @staticmethod
    def flat(text: str) -> dict[str, str]:
        return {name: values[0] for name, values in parse_qs(text).items()}

    def say(self, status: int, body: dict[str, Any] | str) -> None:
        is_page = isinstance(body, str)
        raw = (body if is_page else json.dumps(body)).encode()
        self.send_response(status)
        self.send_header("Content-Type", "text/html; charset=utf-8" if is_page else "application/json")
        self.send_header("Content-Length", str(len(raw)))
        self.end_headers()
        self.wfile.write(raw)

    def log_message(self, *args: Any) -> None:
        """Quiet."""


@contextmanager
def oidc_provider(**people: dict[str, str]) -> Iterator[Provider]:
    """A provider on a port of its own; `people` are its directory: claims by the name they type."""
    provider = Provider(people=people)
    server = ThreadingHTTPServer(("127.0.0.1", 0), type("Bound", (Handler,), {"provider": provider}))
    provider.url = f"http://127.0.0.1:{server.server_port}"
    thread = Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield provider
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
