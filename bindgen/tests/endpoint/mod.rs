//! What CONTRIBUTING promises to whoever adds an endpoint or an error: no facade needs a line for it. Both are made up here,
//! told to the generator as the metadata of a library, and are then in every language.

use uniffi_meta::{EnumShape, FnParamMetadata, LiteralMetadata, Metadata, Radix, Type};
use wildfirechat_message_bindgen::{api::Api, kotlin, public, python, swift};

use crate::fixture::{enum_type, field, literal, method, object, record, record_type, variants};

/// A library with the endpoint `note/pin`, and with an error for a note that is too heavy.
fn library() -> Vec<Metadata> {
    let zero = LiteralMetadata::UInt(0, Radix::Decimal, Type::Int32);
    let request = vec![FnParamMetadata::simple("request", record_type("PinRequest"))];
    let Metadata::Method(mut call) =
        method("NativeMessageClient", "pin_note", request, Some(record_type("PinnedNote")))
    else {
        unreachable!()
    };
    call.docstring = Some("Pins a note. note/pin; both editions.".into());
    call.throws = Some(enum_type("NativeMessageError"));
    vec![
        record(
            "PinRequest",
            "What is pinned.",
            vec![
                field("line", Type::Int32, literal(zero), "Where it is pinned."),
                field("operator", Type::String, None, "Who pins it."),
            ],
        ),
        record("PinnedNote", "A note that is pinned.", vec![field("note_id", Type::Int64, None, "Its id.")]),
        object("NativeMessageClient"),
        Metadata::Method(call),
        variants(
            "Answer",
            EnumShape::Enum,
            vec![("Pinned", vec![field("value", record_type("PinnedNote"), None, "")])],
        ),
        variants(
            "NativeMessageError",
            EnumShape::Error { flat: false },
            vec![
                ("Interrupted", vec![]),
                ("Pending", vec![field("ticket", Type::Int64, None, "")]),
                ("TooHeavy", vec![field("weight_in_grams", Type::Int32, None, "How heavy it is.")]),
            ],
        ),
        object("NativeSandbox"),
    ]
}

/// What is printed, and what has to be in it.
fn assert_has(printed: &str, wanted: &[&str]) {
    for wanted in wanted {
        assert!(printed.contains(wanted), "{wanted} is not in:\n{printed}");
    }
}

#[test]
fn an_endpoint_and_an_error_are_in_python_without_a_line_by_hand() {
    let interface = super::interface(library());
    let api = Api::of(&interface).unwrap();
    let call = "    def pin_note(\n        self,\n        operator: str,\n        line: int = 0,\n    ) -> PinnedNote:\n        \
                \"\"\"Pins a note. note/pin; both editions.\n";
    assert_has(&python::client(&api).unwrap(), &[call, "            operator: Who pins it.\n"]);
    assert_has(&python::endpoints(&api).unwrap(), &["    \"pin_note\": \"note/pin\",\n"]);
    let error = "class TooHeavy(MessageError):\n";
    assert_has(&python::errors(&api).unwrap(), &[error, "        weight_in_grams: How heavy it is.\n"]);
    let public = python::public(&interface, &api, &[], "._native").unwrap();
    assert_has(&public, &["    \"PinnedNote\",\n", "    \"TooHeavy\",\n"]);
    assert!(!public.contains("PinRequest"), "{public}");
}

#[test]
fn an_endpoint_and_an_error_are_in_kotlin_without_a_line_by_hand() {
    let interface = super::interface(library());
    let api = Api::of(&interface).unwrap();
    let call =
        "    @JvmOverloads\n    fun pinNote(\n        operator: String,\n        line: Int = 0,\n    ): PinnedNote {\n";
    assert_has(&kotlin::client(&api).unwrap(), &[call, "     * @param operator Who pins it.\n"]);
    let class = "    class TooHeavy(\n        val weightInGrams: Int,\n    ) : MessageException(";
    let translated = "    is NativeMessageException.TooHeavy -> MessageException.TooHeavy(weightInGrams)\n";
    assert_has(&kotlin::errors(&api).unwrap(), &[class, translated]);
    let internal = public::internal(&interface, &public::WHOLE);
    assert!(internal.contains("PinRequest") && !internal.contains("PinnedNote"), "{internal:?}");
}

#[test]
fn an_endpoint_and_an_error_are_in_swift_without_a_line_by_hand() {
    let interface = super::interface(library());
    let errors = swift::errors(&Api::of(&interface).unwrap()).unwrap();
    assert_has(
        &errors,
        &["    case tooHeavy(weightInGrams: Int32)\n", "        case .TooHeavy(let weightInGrams): self = "],
    );
    let call = "    public func pinNote(operator: String, line: Int32 = 0) throws(MessageError) -> PinnedNote {\n";
    assert_has(&swift::calls(Api::of(&interface).unwrap()).unwrap(), &[call, "    ///   - operator: Who pins it.\n"]);
}
