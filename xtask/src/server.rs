//! What the demos and the robots of every language are given by the runner.

/// The server that a demo talks to. It has no `Debug`: the secret belongs in no log.
pub(crate) struct Server {
    pub(crate) url: String,
    pub(crate) secret: String,
}

/// What a robot is told by its environment: as the page on callbacks has it, and the port in each framework's own words.
pub(crate) type RobotSettings = [(&'static str, String); 8];
