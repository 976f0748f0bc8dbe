//! Additional headers for the next call of a thread, such as the context of a trace.

use std::{cell::RefCell, collections::HashMap, sync::Arc};

use hyper::http::{HeaderMap, HeaderName, HeaderValue};

use crate::MessageError;

thread_local! {
    static NEXT: RefCell<Option<Arc<HeaderMap>>> = const { RefCell::new(None) };
}

/// Adds these headers to the next call that this thread starts. They replace none of the call's own headers.
pub(crate) fn carry(headers: &HashMap<String, String>) -> Result<(), MessageError> {
    let mut map = HeaderMap::with_capacity(headers.len());
    for (name, value) in headers {
        let invalid = || {
            MessageError::invalid(
                "headers",
                format!("{name} is not a valid name of a header, or its value is not valid"),
            )
        };
        let parsed = (HeaderName::try_from(name.as_str()), HeaderValue::try_from(value.as_str()));
        let (Ok(name), Ok(value)) = parsed else { return Err(invalid()) };
        map.insert(name, value);
    }
    NEXT.set((!map.is_empty()).then(|| Arc::new(map)));
    Ok(())
}

/// The headers for the call that starts now.
pub(super) fn take() -> Option<Arc<HeaderMap>> {
    // While a thread ends, its locals are gone.
    NEXT.try_with(RefCell::take).ok().flatten()
}
