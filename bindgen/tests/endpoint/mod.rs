//! What CONTRIBUTING promises to whoever adds an endpoint, a client or an error: no facade needs a line for it. All are made up
//! here, told to the generator as the metadata of a library, and are then in every language.

use uniffi_meta::{EnumShape, FnParamMetadata, LiteralMetadata, Metadata, ObjectImpl, Radix, Type};
use wildfirechat_message_bindgen::{api::Api, kotlin, public, python, swift};

use crate::fixture::{constructor, enum_type, field, literal, method, object, record, record_type, variants};

/// A client with these calls, which is made with these texts.
fn client(name: &str, docs: &str, texts: &[&str], calls: impl IntoIterator<Item = Metadata>) -> Vec<Metadata> {
    let Metadata::Object(mut client) = object(name) else { unreachable!() };
    client.docstring = Some(docs.into());
    let texts = texts.iter().map(|text| FnParamMetadata::simple(text, Type::String));
    let Metadata::Constructor(mut made) =
        constructor(name, "in_slices_with", texts.chain([FnParamMetadata::simple("options", Type::String)]).collect())
    else {
        unreachable!()
    };
    made.docstring = Some("A client. `base_url` is its server. `shop_id` is the shop's id.".into());
    let access = Type::Object { module_path: "sample".into(), name: "NativeAccess".into(), imp: ObjectImpl::Struct };
    let mut all =
        vec![Metadata::Object(client), Metadata::Constructor(made), method(name, "access", vec![], Some(access))];
    all.extend(calls);
    all
}

/// A method that takes nothing, with its documentation.
fn asking(of: &str, name: &str, docs: &str, returns: Option<Type>) -> Metadata {
    let Metadata::Method(mut call) = method(of, name, Vec::new(), returns) else { unreachable!() };
    call.docstring = Some(docs.into());
    call.throws = Some(enum_type("NativeMessageError"));
    Metadata::Method(call)
}

/// A library with the endpoint `note/pin`, with a client of a shop, and with an error for a note that is too heavy.
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
    let clients = client("NativeMessageClient", "A client.", &["base_url", "secret"], [Metadata::Method(call)]);
    let bulk = Type::Object { module_path: "sample".into(), name: "NativeBulk".into(), imp: ObjectImpl::Struct };
    let shop = client(
        "NativeShopClient",
        "A client of one shop. It blocks.\n\nThreads.\n\nEvery note is the\nshop's.\n\n```\nexample\n```",
        &["base_url", "shop_id", "secret"],
        [
            asking(
                "NativeShopClient",
                "get_note",
                "What is pinned. shop/note/get; both editions.",
                Some(record_type("PinnedNote")),
            ),
            asking("NativeShopClient", "begin_bulk", "Begins it. shop/note/pin; both editions.", Some(bulk)),
        ],
    );
    let others = vec![
        object("NativeAccess"),
        object("NativeBulk"),
        record(
            "PinRequest",
            "What is pinned.",
            vec![
                field("line", Type::Int32, literal(zero), "Where it is pinned."),
                field("operator", Type::String, None, "Who pins it."),
            ],
        ),
        record("PinnedNote", "A note that is pinned.", vec![field("note_id", Type::Int64, None, "Its id.")]),
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
    ];
    clients.into_iter().chain(shop).chain(others).collect()
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
    assert_has(&python::clients(&api).unwrap()[0].1, &[call, "            operator: Who pins it.\n"]);
    assert_has(&python::endpoints(&api).unwrap(), &["    \"NativeMessageClient.pin_note\": \"note/pin\",\n"]);
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
    assert_has(&kotlin::clients(&api).unwrap()[0].1, &[call, "     * @param operator Who pins it.\n"]);
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
    let mut api = Api::of(&interface).unwrap();
    assert_has(&swift::clients(&mut api).unwrap()[0].1, &[call, "    ///   - operator: Who pins it.\n"]);
}

#[test]
fn a_client_is_in_every_language_without_a_line_by_hand() {
    let interface = super::interface(library());
    let mut api = Api::of(&interface).unwrap();
    let printed = [python::clients(&api).unwrap(), kotlin::clients(&api).unwrap(), swift::clients(&mut api).unwrap()];
    let names = [
        ["_shop_client", "_async_shop_client"],
        ["ShopClient", "CoroutineShopClient"],
        ["ShopClient", "AsyncShopClient"],
    ];
    let wanted = [
        [
            "class ShopClient:\n    \"\"\"A client of one shop.\n\n    Every note is the shop's.\n",
            "        shop_id: The shop's id.\n",
            "    def get_note(\n        self,\n    ) -> PinnedNote:\n",
            "several at the same time. shop/note/pin; both editions.\n\n        The shop is the sender of all of them,",
        ],
        [
            " * A client of one shop. Its methods",
            " * @param shopId The shop's id.\n",
            "    fun getNote(\n    ): PinnedNote {\n",
            "shop/note/pin; both editions. The shop is the",
        ],
        [
            "/// A client of one shop.\n///\n/// Every note is the shop's.\n",
            "    ///   - shopId: The shop's id.\n",
            "    public func getNote() throws(MessageError) -> PinnedNote {\n",
            "    /// shop/note/pin; both editions. The shop is the",
        ],
    ];
    for ((files, names), wanted) in printed.iter().zip(names).zip(wanted) {
        // Each client has a class whose methods block, and one whose methods are awaited.
        let [plain, .., shop, awaited] = files.as_slice() else { panic!("{} files", files.len()) };
        assert_eq!([&shop.0, &awaited.0], names);
        assert_has(&shop.1, &wanted);
        assert!(!shop.1.contains("upload") && !plain.1.contains("ending many"), "{}", shop.1);
    }
}
