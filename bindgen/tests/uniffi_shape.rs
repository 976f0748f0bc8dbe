//! What `_records.py` relies on in uniffi's Python output: converters that take any object with a record's fields,
//! and that look the class to build up in the module. A new uniffi that writes them differently fails here.

mod fixture;

use std::fs;

use camino::Utf8PathBuf;
use uniffi_bindgen::{BindgenLoader, BindgenPaths, GlobalConfig, bindings::python};

#[test]
fn converters_name_the_class_to_build_and_nothing_else_of_it() {
    assert!(
        generated().contains(
            r#"
class _UniffiFfiConverterTypePlace(_UniffiConverterRustBuffer):
    @staticmethod
    def read(buf):
        return Place(
            kind=_UniffiFfiConverterInt32.read(buf),
            target=_UniffiFfiConverterString.read(buf),
            line=_UniffiFfiConverterInt32.read(buf),
        )

    @staticmethod
    def check_lower(value):
        _UniffiFfiConverterInt32.check_lower(value.kind)
        _UniffiFfiConverterString.check_lower(value.target)
        _UniffiFfiConverterInt32.check_lower(value.line)

    @staticmethod
    def write(value, buf):
        _UniffiFfiConverterInt32.write(value.kind, buf)
        _UniffiFfiConverterString.write(value.target, buf)
        _UniffiFfiConverterInt32.write(value.line, buf)
"#
        ),
        "uniffi's converters have changed: see src/python/install.py"
    );
}

#[test]
fn methods_hand_self_to_the_converter() {
    let text = generated();
    let (_, method) = text.split_once("def place(self, line: int = 0) -> Place:").expect("the method is there");
    assert!(
        method.contains("    _UniffiFfiConverterTypeNote.lower(self),\n"),
        "uniffi's record methods have changed: see src/python/install.py"
    );
}

#[test]
fn the_shape_check_names_the_converters_as_uniffi_does() {
    assert!(include_str!("../src/python/install.py").contains(r#"f"_UniffiFfiConverterType{name}""#));
}

fn generated() -> String {
    let folder = tempfile::tempdir().unwrap();
    let path = Utf8PathBuf::try_from(folder.path().to_owned()).unwrap();
    let loader = BindgenLoader::new(BindgenPaths::default(), GlobalConfig::default());
    let root = loader.load_pipeline_initial_root("libsample.so".into(), fixture::metadata(fixture::items())).unwrap();
    python::run_pipeline(root, &path, None).unwrap();
    fs::read_to_string(path.join("sample.py")).unwrap()
}
