"""`Credentials`: secrets that are needed to reach a server, besides its own secret."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NoReturn, Optional

from . import _arguments


class Credentials:
    """Secrets that are needed to reach a server, besides its own secret. No description, error or log shows them.

        credentials = Credentials(headers={"x-api-key": os.environ["GATEWAY_KEY"]})
        client = MessageClient("https://im.example.com", secret, credentials=credentials)

    Args:
        proxy_login: The user name and password for the proxy in the options, by HTTP basic authentication or by SOCKS5.
        client_certificate: For mutual TLS, as PEM texts: the client's certificate, which may be followed by those of
            intermediate authorities, and its private key without a passphrase.
        headers: Headers that a gateway requires in each request, such as an API key. The headers that the library sets
            itself cannot be given.
    """

    __slots__ = ("_native_values",)

    def __init__(
        self,
        *,
        proxy_login: Optional[tuple[str, str]] = None,
        client_certificate: Optional[tuple[str, str]] = None,
        headers: Optional[Mapping[str, str]] = None,
    ) -> None:
        text = _arguments.text
        self._native_values = {
            "proxy_login": _pair(proxy_login, "proxy_login"),
            "client_certificate": _pair(client_certificate, "client_certificate"),
            "headers": {text(name, "headers"): text(value, "headers") for name, value in (headers or {}).items()},
        }

    def __repr__(self) -> str:
        given = ", ".join(f"{name}=***" for name, value in self._native_values.items() if value)
        return f"Credentials({given})"

    def __reduce__(self) -> NoReturn:
        raise TypeError("Credentials cannot be copied or pickled: they are secret")


def _pair(given: Optional[tuple[str, str]], name: str) -> Optional[list[str]]:
    if given is None:
        return None
    if isinstance(given, str) or len(given) != 2:
        raise TypeError(f"{name} must be two texts")
    return [_arguments.text(part, name) for part in given]
