//! Files: where one is brought.

use serde_json::json;

use super::{Outcome, given};
use crate::sandbox::{fields::Fields, state::State};

pub(super) fn get_upload_url(state: &mut State, fields: &Fields<'_>) -> Outcome {
    let file_name = fields.text("fileName")?;
    let media_type = fields.int("mediaType")?;
    let content_type = fields.text("contentType")?;

    let addresses = state.store.place(given(file_name)?, media_type, content_type);
    Ok(Some(json!({
        "uploadUrl": addresses.upload,
        "backupUploadUrl": addresses.backup,
        "downloadUrl": addresses.download,
        "type": addresses.kind,
    })))
}
