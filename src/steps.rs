//! The steps of an upload, as its errors name them in place of an endpoint.

/// The question to the server where the file goes.
pub(crate) const ADDRESS: &str = "oss/get_upload_url";
/// The same question, of a robot.
pub(crate) const ROBOT_ADDRESS: &str = "robot/oss/get_upload_url";
pub(crate) const STORE: &str = "file store";
pub(crate) const BACKUP_STORE: &str = "backup file store";

/// Whether an error's endpoint is a step of an upload: no message goes out in one.
pub(crate) fn is_step(endpoint: &str) -> bool {
    endpoint == ADDRESS || endpoint == ROBOT_ADDRESS || is_store(endpoint)
}

/// Whether an error's endpoint is a store, which is not the server.
pub(crate) fn is_store(endpoint: &str) -> bool {
    endpoint == STORE || endpoint == BACKUP_STORE
}
