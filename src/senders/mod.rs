//! Clients of those who send with a secret of their own: robots and channels.
//!
//! They have all that [`MessageClient`](crate::MessageClient) has round its calls. A method is an endpoint, one line each.

mod channel;
mod robot;

pub use channel::ChannelClient;
pub use robot::RobotClient;
