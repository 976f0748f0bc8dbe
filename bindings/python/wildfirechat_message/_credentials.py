"""`Credentials`: what the way to a server needs besides its address, and nobody may read."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NoReturn, Optional

from . import _arguments


class Credentials:
    """What the way to a server needs besides its address, and nobody may read. No description, error or log shows it.

        credentials = Credentials(headers={"x-api-key": os.environ["GATEWAY_KEY"]})
        client = MessageClient("https://im.example.com", secret, credentials=credentials)

    Args:
        proxy_login: User and password for the proxy of the options: HTTP's basic authentication, or SOCKS5's own.
        client_certificate: For mutual TLS, PEM texts: the client's certificate, which those of the authorities in
            between may follow, and its private key without a passphrase.
        headers: Headers that a gateway wants to see on each request, such as an API key. The headers that the library
            sends itself cannot be given.
    """

    __slots__ = ("_crossing",)

    def __init__(
        self,
        *,
        proxy_login: Optional[tuple[str, str]] = None,
        client_certificate: Optional[tuple[str, str]] = None,
        headers: Optional[Mapping[str, str]] = None,
    ) -> None:
        text = _arguments.text
        self._crossing = {
            "proxy_login": _pair(proxy_login, "proxy_login"),
            "client_certificate": _pair(client_certificate, "client_certificate"),
            "headers": {text(name, "headers"): text(value, "headers") for name, value in (headers or {}).items()},
        }

    def __repr__(self) -> str:
        given = ", ".join(f"{name}=***" for name, value in self._crossing.items() if value)
        return f"Credentials({given})"

    def __reduce__(self) -> NoReturn:
        raise TypeError("Credentials cannot be copied or pickled: they are secret")


def _pair(given: Optional[tuple[str, str]], name: str) -> Optional[list[str]]:
    if given is None:
        return None
    if isinstance(given, str) or len(given) != 2:
        raise TypeError(f"{name} must be two texts")
    return [_arguments.text(part, name) for part in given]
