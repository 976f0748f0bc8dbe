"""Thumbnails of images that these tests make."""

from __future__ import annotations

import struct
import zlib
from typing import Any

import pytest

from wildfirechat_message import (
    ImageContent,
    InvalidArgument,
    MessageClient,
    make_thumbnail,
)

from content_examples import TO_U1


def png(width: int, height: int) -> bytes:
    """A grey picture."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    rows = (b"\0" + b"\x80" * width) * height
    head = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")


def size_of_jpeg(jpeg: bytes) -> tuple[int, int]:
    """Width and height, as its frame tells them."""
    assert (jpeg[:2], jpeg[-2:]) == (b"\xff\xd8", b"\xff\xd9")
    frame = jpeg.index(b"\xff\xc0")
    height, width = struct.unpack(">HH", jpeg[frame + 5 : frame + 9])
    return width, height


@pytest.mark.parametrize(("size", "small"), [((400, 200), (120, 60)), ((30, 40), (30, 40)), ((1, 1), (1, 1))])
def test_a_png_becomes_a_small_jpeg(size: tuple[int, int], small: tuple[int, int]) -> None:
    assert size_of_jpeg(make_thumbnail(png(*size))) == small


def test_a_jpeg_can_be_made_smaller_again() -> None:
    thumbnail = make_thumbnail(png(400, 200))
    assert size_of_jpeg(make_thumbnail(thumbnail)) == (120, 60)


def test_a_thumbnail_travels_with_its_image(client: MessageClient) -> None:
    image = ImageContent("https://files/i.png", make_thumbnail(png(640, 480)), 640, 480)
    sent = client.send_message("admin", TO_U1, image)
    assert client.get_message(sent.message_uid).decode_content() == image


@pytest.mark.parametrize("kind", [bytearray, memoryview])
def test_bytes_may_be_anything_like_bytes(kind: Any) -> None:
    assert make_thumbnail(kind(png(3, 3))) == make_thumbnail(png(3, 3))


@pytest.mark.parametrize(
    ("image", "reason"),
    [
        (b"", "it has an unknown format: it must be JPEG, PNG, WebP or GIF"),
        (b"<svg/>", "it has an unknown format: it must be JPEG, PNG, WebP or GIF"),
        (png(40, 40)[:60], "it cannot be read: "),
        (png(40, 40).replace(b"IDAT", b"IDXT"), "it cannot be read: "),
        (png(20_000, 1), "it is too large: at most 16384 pixels per side"),
    ],
    ids=["nothing", "svg", "cut", "broken", "too wide"],
)
def test_what_is_no_image_is_refused(image: bytes, reason: str) -> None:
    with pytest.raises(InvalidArgument) as info:
        make_thumbnail(image)
    assert info.value.argument == "image"
    assert info.value.reason.startswith(reason)


def test_a_path_is_no_image() -> None:
    with pytest.raises(TypeError, match=r"^image must be bytes, not str$"):
        make_thumbnail("photo.png")  # type: ignore[arg-type]
