//! `_outbox.py`: the class `Outbox`; the methods that only ask the database are generated.

use std::collections::BTreeSet;

use anyhow::Result;
use askama::Template;

use super::{
    client::{Method, records_of},
    sandbox::method,
};
use crate::api::{Api, Call};

/// The template of `_outbox.py`: the class as it is written by hand, and a loop over its methods; it only prints.
#[derive(Template)]
#[template(path = "python/outbox.py", escape = "none")]
struct Outbox {
    /// The records, and the unions of records, that the module imports.
    records: BTreeSet<String>,
    calls: Vec<Method>,
}

/// The template of `_async_outbox.py`, its twin for asyncio, with the same methods.
#[derive(Template)]
#[template(path = "python/async_outbox.py", escape = "none")]
struct AsyncOutbox {
    records: BTreeSet<String>,
    calls: Vec<Method>,
}

/// The records that the hand-written methods name.
const NAMED_BY_HAND: [&str; 11] = [
    "BroadcastRequest",
    "MessagePayload",
    "MulticastRequest",
    "OutboxEntry",
    "OutboxMessage",
    "OutboxMulticast",
    "OutboxRequest",
    "PutCounts",
    "RunOptions",
    "RunProgress",
    "SendRequest",
];

/// The methods that take a message are written by hand, because its payload may be a content.
const BY_HAND: &str = "multicast_each";

/// `_outbox.py`.
pub fn outbox(api: &Api) -> Result<String> {
    Ok(Outbox { records: records(api), calls: generated(api).map(method).collect::<Result<_>>()? }.render()? + "\n")
}

/// `_async_outbox.py`.
pub fn async_outbox(api: &Api) -> Result<String> {
    let calls = generated(api).map(|call| {
        let method = method(call)?;
        // The arguments are looked at on the loop, and the question is asked elsewhere.
        let asked = format!("await self._ask(NativeOutbox.{}", call.name);
        let body = method.body.replace(&format!("self._native.{}()", call.name), &format!("{asked})"));
        let body = body.replace(&format!("self._native.{}(", call.name), &format!("{asked}, "));
        Ok(Method { define: "async def", body, ..method })
    });
    Ok(AsyncOutbox { records: records(api), calls: calls.collect::<Result<_>>()? }.render()? + "\n")
}

fn generated(api: &Api) -> impl Iterator<Item = &Call> {
    api.outbox.iter().filter(|call| call.name != BY_HAND)
}

fn records(api: &Api) -> BTreeSet<String> {
    let mut records = BTreeSet::from(NAMED_BY_HAND.map(str::to_owned));
    records.extend(generated(api).flat_map(records_of));
    records
}

#[cfg(test)]
mod tests {
    use uniffi_bindgen::interface::Type;

    use super::*;
    use crate::api::sample::{self, argument};

    fn printed(calls: Vec<Call>) -> String {
        let mut api = sample::api(Vec::new(), Vec::new());
        api.outbox = calls;
        outbox(&api).unwrap()
    }

    #[test]
    fn a_method_looks_at_its_arguments_and_asks() {
        let arguments =
            vec![argument("age", "How old.", Type::Duration, None), argument("all", "", Type::Boolean, None)];
        let printed = printed(vec![sample::pin_note("Pins.", None, arguments, Some(Type::Int64))]);
        let wanted =
            "        return self._native.pin_note(_arguments.duration(age, \"age\"), _arguments.flag(all, \"all\"))\n";
        assert!(printed.contains(wanted), "{printed}");
        assert!(printed.contains("        age: Union[datetime.timedelta, float],\n"), "{printed}");
    }

    #[test]
    fn a_coroutine_looks_at_its_arguments_and_asks_elsewhere() {
        let mut api = sample::api(Vec::new(), Vec::new());
        let arguments = vec![argument("all", "", Type::Boolean, None)];
        let nothing = sample::pin_note("Pins.", None, Vec::new(), Some(Type::Int64));
        api.outbox = vec![
            sample::pin_note("Pins.", None, arguments, Some(Type::Int64)),
            Call { name: "count_notes".into(), ..nothing },
        ];
        let printed = async_outbox(&api).unwrap();
        for wanted in [
            "    async def pin_note(\n",
            "        return await self._ask(NativeOutbox.pin_note, _arguments.flag(all, \"all\"))\n",
            "        return await self._ask(NativeOutbox.count_notes)\n",
        ] {
            assert!(printed.contains(wanted), "{printed}");
        }
    }

    #[test]
    fn what_is_written_by_hand_is_not_written_twice() {
        let call = Call { name: BY_HAND.into(), ..sample::pin_note("Pins.", None, Vec::new(), None) };
        assert_eq!(printed(vec![call]).matches("def multicast_each(").count(), 1);
    }
}
