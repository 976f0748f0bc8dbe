# The record classes of the generated module, by name. Their methods call the library.
_native: dict[str, Any] = {}


def _hand_over(generated: Any, method: Any, record: Any, **arguments: Any) -> Any:
    """Calls the `generated` method that stands behind a record's `method`."""
    return generated(record, **arguments)


# What the records' methods call it by. A package that looks at what is handed over puts a function of its own here.
_call: Any = _hand_over


def install(native: Any) -> None:
    """Makes the generated module build the classes above instead of its own.

    Its converters take any object that has a record's fields, and look the class to build up in the module, by name,
    each time. `shape_problems` checks that this is so.
    """
    for record in _RECORDS:
        generated = getattr(native, record.__name__)
        if generated is not record:
            _native[record.__name__] = generated
            setattr(native, record.__name__, record)
    for name in _NATIVE_TYPES:  # So that typing.get_type_hints can resolve the annotations.
        globals()[name] = getattr(native, name)
    for name, docs in _ENUM_DOCS.items():
        getattr(native, name).__doc__ = docs


def shape_problems(native: Any) -> list[str]:
    """Says where the generated module is not made as `install` relies on, a sentence each. A test wants none."""
    problems: list[str] = []
    for record in _RECORDS:
        name = record.__name__
        converter = getattr(native, f"_UniffiFfiConverterType{name}", None)
        if converter is None:
            problems.append(f"{name} has no converter.")
            continue
        fields = set(record.__match_args__)
        read = converter.read
        if read.__globals__ is not vars(native) or name not in read.__code__.co_names:
            problems.append(f"{name}: reading does not look the class up in the module.")
        # The names of a call's arguments are one constant, or several where there are many.
        constants = (each if isinstance(each, tuple) else (each,) for each in read.__code__.co_consts)
        if not fields.issubset(name for names in constants for name in names):
            problems.append(f"{name}: reading does not give the fields by name.")
        for use in (converter.check_lower, converter.write):
            # A package may have put a function of its own round it.
            names = getattr(use, "__wrapped__", use).__code__.co_names
            if name in names or "isinstance" in names:
                problems.append(f"{name}: {use.__name__} wants the generated class.")
            if not fields.issubset(names):
                problems.append(f"{name}: {use.__name__} does not take each field.")
        generated = _native.get(name, getattr(native, name))
        for method in (each for each, value in vars(record).items() if each[0] != "_" and callable(value)):
            theirs = getattr(generated, f"native_{method}", None) or getattr(generated, method, None)
            code = getattr(theirs, "__code__", None)
            if code is None or converter.__name__ not in code.co_names:
                problems.append(f"{name}.{method} does not hand any object with the fields to the converter.")
    return problems
