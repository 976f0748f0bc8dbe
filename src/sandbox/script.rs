//! What requests get instead of the real answer: in the order it was asked for, and then by chance.

use std::collections::VecDeque;

use super::{
    Fault, FaultRule, RandomFaults, SandboxError, ScriptedAnswer, endpoints,
    faults::Trouble,
    http::{After, write_head},
};

/// What one request gets.
#[derive(Clone)]
pub(super) enum Script {
    Answer(ScriptedAnswer),
    Trouble(Trouble),
}

impl Script {
    pub(super) fn fault(&self) -> Option<Fault> {
        match self {
            Self::Answer(_) => None,
            Self::Trouble(trouble) => Some(trouble.fault),
        }
    }
}

/// Something for the next requests, perhaps only for those to one path.
struct Queued {
    script: Script,
    times: i32,
    path: Option<String>,
}

#[derive(Default)]
pub(super) struct Scripts {
    queue: VecDeque<Queued>,
    chance: Option<Chance>,
    /// How many requests met a gateway: each answers differently.
    gateway_answers: usize,
}

impl Scripts {
    pub(super) fn answer_next(&mut self, answer: ScriptedAnswer) {
        self.queue.push_back(Queued { script: Script::Answer(answer), times: 1, path: None });
    }

    pub(super) fn fail_next(&mut self, rule: FaultRule) -> Result<(), SandboxError> {
        if rule.times < 1 {
            return Err(SandboxError::new(format!("times {} is below 1", rule.times)));
        }
        let script = Script::Trouble(Trouble { fault: rule.fault, delay: rule.delay, turn: 0 });
        self.queue.push_back(Queued { script, times: rule.times, path: path_of(rule.endpoint)? });
        Ok(())
    }

    pub(super) fn fail_randomly(&mut self, faults: RandomFaults) -> Result<(), SandboxError> {
        self.chance = Some(Chance::new(faults)?);
        Ok(())
    }

    /// Forgets all that was asked for.
    pub(super) fn clear(&mut self) {
        *self = Self::default();
    }

    /// What a request to this path gets.
    pub(super) fn next(&mut self, path: &str) -> Option<Script> {
        let mut script = self.draw(path);
        if let Some(Script::Trouble(trouble)) = &mut script {
            let gateways =
                [Fault::GatewayAnswer, Fault::GatewayAnswerBeforeExecuting, Fault::GatewayAnswerAfterExecuting];
            trouble.turn = self.gateway_answers;
            self.gateway_answers += usize::from(gateways.contains(&trouble.fault));
        }
        script
    }

    fn draw(&mut self, path: &str) -> Option<Script> {
        let meant = |wanted: &Option<String>| wanted.as_ref().is_none_or(|wanted| wanted == path);
        if let Some(index) = self.queue.iter().position(|queued| meant(&queued.path)) {
            let queued = &mut self.queue[index];
            queued.times -= 1;
            let script = queued.script.clone();
            if queued.times == 0 {
                self.queue.remove(index);
            }
            return Some(script);
        }
        self.chance.as_mut().filter(|chance| meant(&chance.path))?.draw().map(Script::Trouble)
    }
}

fn path_of(endpoint: Option<String>) -> Result<Option<String>, SandboxError> {
    let Some(endpoint) = endpoint else { return Ok(None) };
    // A robot's and a channel's are named by their whole path.
    let paths = [format!("/admin/{endpoint}"), format!("/{endpoint}")];
    match paths.into_iter().find(|path| endpoints::exists(path)) {
        Some(path) => Ok(Some(path)),
        None => Err(SandboxError::new(format!("{endpoint} is not an endpoint such as message/send"))),
    }
}

/// Faults by chance; the same seed draws the same ones in the same order.
struct Chance {
    faults: Vec<Trouble>,
    probability: f64,
    path: Option<String>,
    state: u64,
}

impl Chance {
    fn new(faults: RandomFaults) -> Result<Self, SandboxError> {
        let RandomFaults { faults, probability, seed, endpoint, delay } = faults;
        if faults.is_empty() {
            return Err(SandboxError::new("faults is empty"));
        }
        if !(0.0..=1.0).contains(&probability) {
            return Err(SandboxError::new(format!(
                "probability {probability} is out of range: it must be from 0 to 1"
            )));
        }
        let faults = faults.into_iter().map(|fault| Trouble { fault, delay, turn: 0 }).collect();
        Ok(Self { faults, probability, path: path_of(endpoint)?, state: seed.cast_unsigned() })
    }

    fn draw(&mut self) -> Option<Trouble> {
        let spares = (self.random() >> 11) as f64 / (1_u64 << 53) as f64 >= self.probability;
        // Both are drawn each time, so that another probability leaves the faults in their order.
        let which = self.random() as usize % self.faults.len();
        (!spares).then(|| self.faults[which])
    }

    /// The next number of SplitMix64: <https://prng.di.unimi.it/splitmix64.c>.
    fn random(&mut self) -> u64 {
        self.state = self.state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.state;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }
}

impl ScriptedAnswer {
    /// The answer as it goes out; only a length is added, unless the script frames its body itself.
    pub(super) fn bytes(&self) -> Vec<u8> {
        let length = self.body.len().to_string();
        let framed = self.value("content-length").is_some() || self.value("transfer-encoding").is_some();
        let own = self.headers.iter().map(|header| (header.name.as_str(), header.value.as_str()));
        let added = (!framed).then_some(("content-length", length.as_str()));
        let mut bytes = write_head(self.status_code(), own.chain(added));
        bytes.extend_from_slice(&self.body);
        bytes
    }

    /// The connection ends where the script says so, and where its length is not the body's.
    pub(super) fn after(&self) -> After {
        let says_close = self.value("connection").is_some_and(|value| value.eq_ignore_ascii_case("close"));
        let other_length =
            self.value("content-length").is_some_and(|value| value.trim() != self.body.len().to_string());
        if says_close || other_length { After::Close } else { After::Stay }
    }

    fn status_code(&self) -> u16 {
        // Checked when the script was made.
        u16::try_from(self.status).unwrap_or(500)
    }

    fn value(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|header| header.name.eq_ignore_ascii_case(name)).map(|header| header.value.as_str())
    }
}
