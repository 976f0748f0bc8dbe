//! The outbox: what goes in and comes out, workers, and what is left when they are killed.

#[path = "../support/setting.rs"]
mod setting;
mod stores;

mod killed;
mod order;
mod putting;
mod sending;
mod servers;
mod trouble;
