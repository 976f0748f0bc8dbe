"""The errors of an outbox: `OutboxError`. Their sentences come from the native library.

The classes, their fields and texts are generated from the Rust error of the same name.
"""

from __future__ import annotations

import types
from typing import TYPE_CHECKING, Any, Callable, ClassVar, Optional

from ._bridge import native
from ._errors import {% for name in of_the_client %}{{ name }}, {% endfor %}MessageError

if TYPE_CHECKING:
{%- for name in enums %}
    from {{ native }} import {{ name }}
{%- endfor %}


class OutboxError(Exception):
    """Why something did not work with an outbox: one of the classes that are attributes of this one.

    What can never work is an `InvalidArgument`, as everywhere in this package. `str()` gives one plain sentence.
    Neither it nor an attribute holds the store's password, the secret or a message.
    """

    if TYPE_CHECKING:
{%- for error in errors %}
        {{ error.name }}: ClassVar[type[{{ error.name }}]]
{%- endfor %}

    @property
    def is_temporary(self) -> bool:
        """Whether the same may succeed later without a change."""
        return isinstance(self, VARIANTS) and _is_temporary(self)

    def __str__(self) -> str:
        return _sentence(self) if isinstance(self, VARIANTS) else super().__str__()


# The fields are also passed to Exception: copying and pickling call the class with them.
{%- for error in errors %}


{% include "python/error.py" %}
{%- endfor %}


VARIANTS = (
{%- for error in errors %}
    {{ error.name }},
{%- endfor %}
)

for _variant in (OutboxError, *VARIANTS):
    _variant.__module__ = __package__  # the module in tracebacks and pickles
for _variant in VARIANTS:
    _variant.__qualname__ = f"OutboxError.{_variant.__name__}"  # by this name pickles find it
    setattr(OutboxError, _variant.__name__, _variant)

# Any variant's method does for all of them, as with `MessageError`.
_sentence: Callable[[Any], str] = native.NativeOutboxError.{{ any }}.sentence
_is_temporary: Callable[[Any], bool] = native.NativeOutboxError.{{ any }}.is_temporary

# The generated converter makes these classes from the variants.
_of_the_client = (
{%- for name in of_the_client %}
    {{ name }},
{%- endfor %}
)
_classes: Any = types.SimpleNamespace(**{each.__name__: each for each in (*_of_the_client, *VARIANTS)})
native.NativeOutboxError = _classes  # type: ignore[misc]