"""Lets Apprise send notifications to a WildfireChat server.

Apprise loads this file by its path. In a shell:
    apprise --plugin-path "$(python -m wildfirechat_message.bridges.apprise_plugin)" --title Backup --body done \\
        "wildfirechats://SECRET@im.example.com/group:ops/user:ann?sender=admin"

`wildfirechat://` is for http and `wildfirechats://` for https. The secret stands in front of the host. Each part of
the path is a receiver: `user:ID`, `group:ID`, `chatroom:ID` or `channel:ID`. `sender` is the id of the user whom the
message comes from. Files that are attached are uploaded, which takes a professional server, and each is sent as a
message of its own.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any, ClassVar, Optional
from urllib.parse import quote

try:
    from apprise.manager_plugins import NotificationManager
    from apprise.plugins.base import NotifyBase
    from apprise.url import PrivacyMode
except ModuleNotFoundError as _missing:
    if __name__ != "__main__":
        raise ModuleNotFoundError(
            "this file is a plugin of Apprise, which is not installed: pip install apprise"
        ) from _missing
    NotifyBase = object  # Asked for its path alone.

from wildfirechat_message import (
    ClientOptions,
    Content,
    Conversation,
    FileContent,
    ImageContent,
    MediaType,
    MessageClient,
    MessageError,
    TextContent,
    make_thumbnail,
)
from wildfirechat_message.bridges._receivers import conversation

# Since 2.3 Apprise makes several attempts if asked to, and remembers between them what was delivered.
_REMEMBERS = hasattr(NotifyBase, "is_delivered")


class _Notifications(NotifyBase):  # type: ignore[misc]
    """Notifications as messages of WildfireChat."""

    service_name = "WildfireChat"
    service_url = "https://github.com/wildfirechat/wildfirechat-message"
    setup_url = service_url
    protocol = "wildfirechat"
    secure_protocol = "wildfirechats"
    category = "custom"
    attachment_support = True
    # The client keeps to the server's limit by itself.
    request_rate_per_sec = 0
    # A message has 50 KiB at the most, and a character of Chinese takes three bytes.
    body_maxlen = 10_000
    templates = ("{schema}://{secret}@{host}/{targets}", "{schema}://{secret}@{host}:{port}/{targets}")
    template_tokens: ClassVar[dict[str, Any]] = {
        **getattr(NotifyBase, "template_tokens", {}),
        "secret": {"name": "Secret", "type": "string", "private": True, "required": True},
        "host": {"name": "Host", "type": "string", "required": True},
        "port": {"name": "Port", "type": "int", "min": 1, "max": 65535},
        "targets": {"name": "Receivers", "type": "list:string", "required": True},
    }
    template_args: ClassVar[dict[str, Any]] = {
        **getattr(NotifyBase, "template_args", {}),
        "sender": {"name": "Sender", "type": "string", "required": True},
    }

    def __init__(self, secret: str, targets: list[str], sender: str, **kwargs: Any) -> None:
        """Check what the URL says; no connection is opened."""
        super().__init__(**kwargs)
        self.secret, self.targets, self.sender = secret, targets, sender
        scheme = "https" if self.secure else "http"
        port = f":{self.port}" if self.port else ""
        try:
            if not sender:
                raise ValueError("the URL names no sender: add ?sender=ID")
            if not targets:
                raise ValueError("the URL names no receiver: add /user:ID or /group:ID")
            self.conversations = [conversation(target) for target in targets]
            self.client = MessageClient(f"{scheme}://{self.host}{port}", secret, ClientOptions())
        except (ValueError, MessageError) as error:
            # Apprise tells nobody what a constructor raises.
            self.logger.warning("WildfireChat: %s", error)
            raise TypeError(str(error)) from None

    def send(self, body: str, title: str = "", attach: Any = None, **_: Any) -> bool:
        """Send the notification to each receiver; whether all of them have got it."""
        text = f"{title}\n{body}" if title and body else title or body
        contents: list[Content] = [TextContent(text)] if text else []
        try:
            contents += [self._uploaded(attachment) for attachment in attach or ()]
        except (MessageError, OSError) as error:
            self.logger.warning("WildfireChat: an attachment was not uploaded, and nothing was sent: %s", error)
            return False
        sent = [
            self._send(receiver, content, (target, number))
            for target, receiver in zip(self.targets, self.conversations)
            for number, content in enumerate(contents)
        ]
        return all(sent)

    def _send(self, receiver: Conversation, content: Content, key: tuple[str, int]) -> bool:
        """Send one message, unless an earlier attempt of this notification sent it or may have sent it."""
        if _REMEMBERS and self.recall((key, "unknown")):
            return False
        if _REMEMBERS and self.is_delivered(key):
            return True
        try:
            self.client.send_message(self.sender, receiver, content)
        except MessageError as error:
            self.logger.warning("WildfireChat: %s", error)
            if _REMEMBERS and error.may_have_executed:
                self.remember((key, "unknown"), True)
            return False
        if _REMEMBERS:
            self.mark_delivered(key)
        return True

    def _uploaded(self, attachment: Any) -> Content:
        path, name = attachment.path, attachment.name
        if not path:
            raise OSError(f"the attachment {name!r} cannot be read")
        if (attachment.mimetype or "").startswith("image/"):
            url = self.client.upload(name, path, MediaType.IMAGE)
            return ImageContent(url, thumbnail=make_thumbnail(Path(path).read_bytes()))
        url = self.client.upload(name, path, MediaType.FILE)
        return FileContent(name, size=Path(path).stat().st_size, remote_media_url=url)

    @property
    def url_identifier(self) -> tuple[Any, ...]:
        """What tells two servers apart."""
        return (self.secure_protocol if self.secure else self.protocol, self.secret, self.host, self.port, self.sender)

    def url(self, privacy: bool = False, *args: Any, **kwargs: Any) -> str:
        """The URL that makes this plugin again; for a log, without the secret."""
        schema = self.secure_protocol if self.secure else self.protocol
        secret = self.pprint(self.secret, privacy, mode=PrivacyMode.Secret, safe="")
        port = f":{self.port}" if self.port else ""
        targets = "/".join(quote(target, safe=":") for target in self.targets)
        parameters = {"sender": self.sender, **self.url_parameters(*args, privacy=privacy, **kwargs)}
        return f"{schema}://{secret}@{self.host}{port}/{targets}/?{self.urlencode(parameters)}"

    def __len__(self) -> int:
        """The number of receivers."""
        return len(self.targets)

    @staticmethod
    def parse_url(url: str) -> Optional[dict[str, Any]]:
        """What the URL says, as arguments of the constructor."""
        results: Optional[dict[str, Any]] = NotifyBase.parse_url(url, verify_host=False)
        if not results:
            return results
        results["secret"] = NotifyBase.unquote(results.pop("user", None) or "")
        results["targets"] = NotifyBase.split_path(results["fullpath"])
        results["sender"] = NotifyBase.unquote(results["qsd"].get("sender", ""))
        return results


if __name__ == "__main__":
    print(__file__)
else:
    NotificationManager().add(_Notifications, send_func=_Notifications.send)
