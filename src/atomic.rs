//! The atomics of what threads share without a lock. `tests/loom.rs` puts others in their place, which try every order in
//! which threads can meet.

pub(crate) use std::sync::atomic::{AtomicBool, AtomicPtr, AtomicU32, AtomicU64, Ordering};
