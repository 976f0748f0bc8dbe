//! Headers that the next call of a thread carries to the server, besides its own: the context of somebody's trace.

use std::{cell::RefCell, collections::HashMap, sync::Arc};

use hyper::http::{HeaderMap, HeaderName, HeaderValue};

use crate::MessageError;

thread_local! {
    static NEXT: RefCell<Option<Arc<HeaderMap>>> = const { RefCell::new(None) };
}

/// Has the next call that this thread begins carry these. None of them takes the place of one of the call's own.
pub(crate) fn carry(headers: &HashMap<String, String>) -> Result<(), MessageError> {
    let mut map = HeaderMap::with_capacity(headers.len());
    for (name, value) in headers {
        let invalid =
            || MessageError::invalid("headers", format!("{name} is not the name of a header, or its value is none"));
        let parsed = (HeaderName::try_from(name.as_str()), HeaderValue::try_from(value.as_str()));
        let (Ok(name), Ok(value)) = parsed else { return Err(invalid()) };
        map.insert(name, value);
    }
    NEXT.set((!map.is_empty()).then(|| Arc::new(map)));
    Ok(())
}

/// What the call that begins now carries.
pub(super) fn take() -> Option<Arc<HeaderMap>> {
    // In the last moments of a thread there is nothing any more.
    NEXT.try_with(RefCell::take).ok().flatten()
}
