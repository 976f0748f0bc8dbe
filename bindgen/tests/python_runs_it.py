"""Tries the golden Python files, on a generated module of pretence."""

import dataclasses
import importlib
import pathlib
import sys
import types
import typing
import unittest

# The golden folder is the package `sample`; beside it what the golden files import.
PACKAGE = types.ModuleType("sample")
HERE = pathlib.Path(__file__).parent
PACKAGE.__path__ = [str(HERE / "golden")]
SHORTHANDS = types.ModuleType("sample._shorthands")
MADE = []
PLACE = {"home": classmethod(lambda cls: cls(0, "me")), "__post_init__": lambda self: MADE.append(self.target)}
SHORTHANDS.PlaceShorthands = type("PlaceShorthands", (), PLACE)
DATACLASS = types.ModuleType("sample._dataclass")
exec((HERE.parent / "src/python/dataclass.py").read_text("utf-8"), vars(DATACLASS))
sys.modules.update({"sample": PACKAGE, "sample._shorthands": SHORTHANDS, "sample._dataclass": DATACLASS})
records = importlib.import_module("sample._records")
numbers = importlib.import_module("sample._numbers")

# Shaped as uniffi shapes it: the class is looked up by name, the fields are taken one by one.
CONVERTER = """
class {name}:
    def forget(self): FORGOTTEN.append(_UniffiFfiConverterType{name}.write(self, None))
    def place(self, line):
        _UniffiFfiConverterType{name}.write(self, None)
        return _UniffiFfiConverterTypePlace.read(line)
    def native_to_payload(self, extras):
        _UniffiFfiConverterType{name}.write(self, None)
        return _UniffiFfiConverterTypePlace.read(extras)
class _UniffiFfiConverterType{name}:
    @staticmethod
    def read(buf):
        return {name}({keywords})
    @staticmethod
    def check_lower(value):
        {guard}({values})
    @staticmethod
    def write(value, buf):
        return ({values})
"""


def native_module(guard=""):
    """A generated module; `guard` goes before each check of a value."""
    module = types.ModuleType("native")
    module.Edition = type("Edition", (), {})
    module.FORGOTTEN = []
    for record in records._RECORDS:
        names = list(record.__dataclass_fields__)
        exec(
            CONVERTER.format(
                name=record.__name__,
                keywords=", ".join(f"{name}=buf" for name in names),
                values="".join(f"value.{name}, " for name in names),
                guard=guard.format(name=record.__name__),
            ),
            vars(module),
        )
    return module


class Records(unittest.TestCase):
    def test_take_arguments_by_position_and_name(self):
        place = records.Place(1, "me", line=2)
        self.assertEqual((place.kind, place.target, place.line), (1, "me", 2))

    def test_take_what_has_no_default_first(self):
        self.assertEqual(records.Late("me", b"x").line, 0)

    def test_want_what_has_no_default(self):
        with self.assertRaises(TypeError):
            records.Place(1)

    def test_share_no_list(self):
        self.assertIsNot(records.Note("a").places, records.Note("a").places)

    def test_have_the_rust_defaults(self):
        self.assertEqual(records.Note("a"), records.Note("a", None, b"", 3, True, 'an "odd" one', None, [], None))

    def test_differ_from_none(self):
        self.assertFalse(records.Place(1, "me") == None)  # noqa: E711 (that is the question)

    def test_show_their_fields(self):
        self.assertEqual(repr(records.Place(1, "me")), "Place(kind=1, target='me', line=0)")

    def test_say_what_each_field_is(self):
        self.assertIn("target: Whose place.", records.Place.__doc__)

    def test_are_dataclasses(self):
        place = records.Place(1, "me")
        self.assertEqual(dataclasses.asdict(place), {"kind": 1, "target": "me", "line": 0})
        self.assertEqual(dataclasses.replace(place, line=2), records.Place(1, "me", 2))
        self.assertEqual(records.Place.__match_args__, ("kind", "target", "line"))

    def test_cannot_be_changed_and_hash_where_that_is_asked_for(self):
        with self.assertRaises(dataclasses.FrozenInstanceError):
            records.Place(1, "me").line = 3
        self.assertEqual(len({records.Place(1, "me"), records.Place(1, "me"), records.Place(2, "me")}), 2)
        with self.assertRaises(TypeError):
            hash(records.Nothing())

    def test_have_what_their_base_looks_at(self):
        records.Place(1, "looked at")
        self.assertEqual(MADE[-1], "looked at")

    def test_have_their_base(self):
        self.assertEqual(records.Place.home(), records.Place(0, "me"))


class Install(unittest.TestCase):
    def setUp(self):
        self.native = native_module()
        records.install(self.native)

    def test_makes_the_module_build_our_classes(self):
        self.assertIs(type(self.native._UniffiFfiConverterTypePlace.read(7)), records.Place)

    def test_leaves_methods_to_the_module(self):
        self.assertEqual(records.Note("a").place(4).line, 4)
        records.Note("a").forget()
        self.assertEqual(self.native.FORGOTTEN[0][0], "a")

    def test_lets_the_package_look_at_what_methods_hand_over(self):
        seen = []
        records._call = lambda generated, method, record, **arguments: seen.append((method, record, arguments))
        self.addCleanup(setattr, records, "_call", records._hand_over)
        records.Note("a").place(4)
        self.assertEqual(seen, [(records.Note.place, records.Note("a"), {"line": 4})])

    def test_tells_enums_what_their_members_mean(self):
        self.assertIn("\n        COMMUNITY", self.native.Edition.__doc__)

    def test_may_be_repeated(self):
        records.install(self.native)
        self.assertEqual(records.Note("a").place(4).line, 4)

    def test_resolves_the_annotations(self):
        self.assertEqual(typing.get_type_hints(records.Note)["edition"], typing.Optional[self.native.Edition])


class ShapeProblems(unittest.TestCase):
    def test_are_none_in_a_module_of_the_known_shape(self):
        native = native_module()
        self.assertEqual(records.shape_problems(native), [])
        records.install(native)
        self.assertEqual(records.shape_problems(native), [])

    def test_tell_of_converters_that_want_the_generated_class(self):
        native = native_module(guard="isinstance(value, {name}) and ")
        self.assertEqual(len(records.shape_problems(native)), len(records._RECORDS))
        self.assertIn("Place: check_lower wants the generated class.", records.shape_problems(native))

    def test_tell_of_a_converter_that_is_gone(self):
        native = native_module()
        del native._UniffiFfiConverterTypePlace
        self.assertIn("Place has no converter.", records.shape_problems(native))

    def test_tell_of_a_field_that_is_gone(self):
        native = native_module()
        native._UniffiFfiConverterTypePlace.write = lambda value, buf: (value.kind, value.target)
        self.assertIn("Place: <lambda> does not take each field.", records.shape_problems(native))

    def test_tell_of_reading_by_position(self):
        native = native_module()
        native._UniffiFfiConverterTypePlace.read = eval("lambda buf: Place(1, '', 0)", vars(native))
        self.assertIn("Place: reading does not give the fields by name.", records.shape_problems(native))

    def test_tell_of_a_class_that_reading_does_not_look_up(self):
        native = native_module()
        place = native.Place
        native._UniffiFfiConverterTypePlace.read = lambda buf: place(kind=1, target="", line=0)
        self.assertIn("Place: reading does not look the class up in the module.", records.shape_problems(native))


class Numbers(unittest.TestCase):
    def test_are_integers(self):
        self.assertEqual(numbers.Kind.SECRET_CHAT, 5)
        self.assertEqual(list(map(int, numbers.Kind)), [0, 5, 6])
        self.assertIs(numbers.Code(-1), numbers.Code.ODD)

    def test_say_what_each_member_is(self):
        self.assertIn("SINGLE: One user.", numbers.Kind.__doc__)


if __name__ == "__main__":
    unittest.main()
