//! The text that `facade` writes for each language, and what it refuses.
//!
//! After a change that is meant: `UPDATE_GOLDEN=1 cargo test -p wildfirechat-message-bindgen`, and read the diff.

mod endpoint;
mod fixture;

use std::{collections::BTreeSet, env, fs, path::Path, process::Command};

use fixture::{enum_type, field, list, metadata, method, numbers, optional, record, record_type};
use uniffi_bindgen::{BindgenLoader, BindgenPaths, ComponentInterface, GlobalConfig};
use uniffi_meta::{FnParamMetadata, Metadata, Type};
use wildfirechat_message_bindgen::{
    kotlin,
    metadata::{NumberList, number_lists},
    public, python, swift,
    wrappers::wrappers,
};

#[test]
fn python_records_are_dataclasses() {
    let base = python::Base::parse("Place=._shorthands:PlaceShorthands.__post_init__").unwrap();
    let records =
        python::records(&interface(fixture::items()), "._native.sample", &[base], &["Place".to_owned()]).unwrap();
    assert_golden("_records.py", &records);
}

#[test]
fn python_packs_what_methods_take() {
    assert_golden("_packing.py", &python::packing(&interface(fixture::items())));
}

#[test]
fn python_numbers_are_int_enums() {
    assert_golden("_numbers.py", &python::numbers(&lists()));
}

#[test]
fn the_python_stub_has_what_stays_with_uniffi() {
    let (path, stub) = python::stub(&interface(fixture::items()), "._native.sample").unwrap();
    assert_eq!(path, "_native/sample.pyi");
    assert_golden("sample.pyi", &stub);
}

#[test]
fn python_runs_what_is_written_for_it() {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/python_runs_it.py");
    // No bytecode in the source tree.
    let run = Command::new("python3").arg("-B").arg(script).output().expect("this test needs python3");
    assert!(run.status.success(), "{}", String::from_utf8_lossy(&run.stderr));
}

#[test]
fn kotlin_numbers_are_constants() {
    assert_golden("Numbers.kt", &kotlin::numbers(&lists(), "chat.wildfire.message"));
}

#[test]
fn swift_numbers_are_static_members() {
    assert_golden("Numbers.swift", &swift::numbers(&lists()));
}

#[test]
fn swift_wraps_what_is_named_native() {
    assert_golden("Contents.swift", &swift::wrappers(&wrappers(&interface(fixture::items()))).unwrap());
}

#[test]
fn internal_is_what_no_public_signature_reaches() {
    let items = fixture::items().into_iter().chain(news());
    let interface = interface(items);
    let names = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect();
    let of_the_facade = ["Desk", "Failed", "Failure", "Handle", "News", "Nothing"];
    let spread: BTreeSet<String> = names(&[&of_the_facade[..], &["PinRequest"]].concat());
    assert_eq!(public::internal(&interface, &[]), spread);
    assert_eq!(public::internal(&interface, &["PinRequest"]), names(&of_the_facade));
}

#[test]
fn an_enum_without_repr_is_no_number_list() {
    let names: Vec<String> = lists().into_iter().map(|list| list.name).collect();
    assert_eq!(names, ["Code", "Kind"]);
}

#[test]
fn a_number_list_of_another_size_than_the_fields_is_refused() {
    let interface = interface([numbers("Wide", Some(Type::Int64), "", vec![("One", Some(1), "")])]);
    assert_eq!(refusal(number_lists(&interface)), "Wide must be #[repr(i32)], as the fields it names are");
}

#[test]
fn a_base_for_a_record_that_is_not_there_is_refused() {
    let base = python::Base::parse("Other=._x:Y").unwrap();
    let refused = python::records(&interface(fixture::items()), "._native", &[base], &[]);
    assert_eq!(refusal(refused), "there is no record Other");
}

#[test]
fn a_base_needs_record_module_and_class() {
    for text in ["Place", "Place=._shorthands", "Place:X"] {
        assert_eq!(refusal(python::Base::parse(text)), "expected RECORD=MODULE:CLASS", "{text}");
    }
}

/// What an object tells, and only its facade is to see as a whole.
fn news() -> Vec<Metadata> {
    vec![
        record("Progress", "", vec![field("done", Type::Int64, None, "")]),
        record("Failed", "", vec![field("error", enum_type("Failure"), None, "")]),
        record(
            "News",
            "",
            vec![
                field("progress", optional(record_type("Progress")), None, ""),
                field("failed", list(record_type("Failed")), None, ""),
            ],
        ),
        record("PinRequest", "", vec![field("late", record_type("Late"), None, "")]),
        method("Desk", "wait", vec![], Some(record_type("News"))),
        method("Desk", "pin", vec![FnParamMetadata::simple("request", record_type("PinRequest"))], None),
    ]
}

fn interface(items: impl IntoIterator<Item = Metadata>) -> ComponentInterface {
    let loader = BindgenLoader::new(BindgenPaths::default(), GlobalConfig::default());
    loader.load_cis(metadata(items)).unwrap().remove(0)
}

fn lists() -> Vec<NumberList> {
    number_lists(&interface(fixture::items())).unwrap()
}

fn refusal<T>(result: anyhow::Result<T>) -> String {
    format!("{:#}", result.err().expect("it should have been refused"))
}

fn assert_golden(name: &str, text: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden").join(name);
    if env::var_os("UPDATE_GOLDEN").is_some() {
        fs::write(&path, text).unwrap();
    }
    let golden = fs::read_to_string(&path).unwrap();
    assert!(text == golden, "{} has changed; it is now:\n{text}", path.display());
}
