//! Where calls happen: [`Station`], a runtime with the connections that live on it.

use std::{
    collections::VecDeque,
    io,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use once_cell::sync::OnceCell;

use super::{
    lane::Lane,
    signature::{self, Nonces, Signature},
};
use crate::runtime::Engine;

/// A client has at most this many stations for one call each, because a runtime keeps three files open, and their
/// number is limited. Calls beyond share one.
const OWN: usize = 64;

/// A runtime and its connections, for one call at a time or for one thread of a bulk.
pub(crate) struct Station {
    // In this order they end.
    pub(crate) lanes: Arc<Lanes>,
    pub(crate) engine: Engine,
    idle_since: Instant,
    allowed: Use,
}

/// Which calls may use a station.
enum Use {
    /// One call at a time. The references to the inside are counted: as many stations of this kind exist.
    OneCall(#[expect(dead_code, reason = "it is counted, not read")] Arc<()>),
    /// Any number of calls: this is the shared station itself …
    Shared,
    /// … and this is the copy of it that one of these calls has.
    CopyOfShared,
}

impl Station {
    fn new(allowed: Use) -> io::Result<Self> {
        Ok(Self { lanes: Arc::default(), engine: Engine::new()?, idle_since: Instant::now(), allowed })
    }

    /// The same one, for another call.
    fn shared(&self) -> Self {
        let (lanes, engine) = (Arc::clone(&self.lanes), self.engine.shared());
        Self { lanes, engine, idle_since: self.idle_since, allowed: Use::CopyOfShared }
    }

    fn keep_at_most(&self, most: usize) {
        self.lanes.keep_at_most(most);
    }
}

/// How long a connection may lie idle, and how old it may be, to be used once more.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Rest {
    pub(crate) longest: Duration,
    pub(crate) greatest_age: Duration,
}

/// What the calls of a station have in common.
#[derive(Default)]
pub(crate) struct Lanes {
    /// Those that nobody uses, the one used last in front: the others may grow old and go.
    idle: Mutex<VecDeque<Box<Lane>>>,
    nonces: Mutex<Nonces>,
}

impl Lanes {
    /// The one that was used last, leads to this server and still stands.
    pub(crate) fn take(&self, way: usize, rest: Rest) -> Option<Box<Lane>> {
        loop {
            let mut lane = self.idle().pop_front()?;
            if lane.way() == way && lane.is_young(rest.longest, rest.greatest_age) && lane.stands() {
                return Some(lane);
            }
            lane.close();
        }
    }

    pub(crate) fn give_back(&self, mut lane: Box<Lane>) {
        if lane.is_free() {
            lane.rests();
            self.idle().push_front(lane);
        }
    }

    /// Signs with a nonce that no other request has, for a time so many milliseconds from now.
    pub(crate) fn sign(&self, secret: &str, shift: i64) -> Result<Signature, getrandom::Error> {
        signature::sign(secret, &mut self.nonces.lock().unwrap_or_else(PoisonError::into_inner), shift)
    }

    /// Closes all that nobody uses but those used last.
    pub(crate) fn keep_at_most(&self, most: usize) {
        let surplus = {
            let mut idle = self.idle();
            let kept = most.min(idle.len());
            idle.split_off(kept)
        };
        surplus.into_iter().for_each(|lane| lane.close());
    }

    fn idle(&self) -> MutexGuard<'_, VecDeque<Box<Lane>>> {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The stations of a client.
#[derive(Default)]
pub(crate) struct Stations {
    idle: Mutex<Idle>,
    /// One reference for each station that is somebody's own, and this one.
    own: Arc<()>,
    shared_station: OnceCell<Station>,
}

/// Those that nobody uses.
#[derive(Default)]
struct Idle {
    /// The one used last at the end.
    stations: Vec<Station>,
    /// How many connections they have.
    lanes: usize,
}

impl Stations {
    /// The one that was used last, or a new one, or the one that is shared.
    pub(crate) fn take(&self, rest: Rest) -> io::Result<Station> {
        let mut idle = self.idle();
        let old = idle.stations.partition_point(|station| station.idle_since.elapsed() > rest.longest);
        let too_old: Vec<Station> = idle.stations.drain(..old).collect();
        let taken = idle.stations.pop();
        let gone: usize = too_old.iter().chain(&taken).map(|station| station.lanes.idle().len()).sum();
        idle.lanes -= gone;
        drop(idle);
        too_old.iter().for_each(|station| station.keep_at_most(0));
        match taken {
            Some(station) => Ok(station),
            None if Arc::strong_count(&self.own) <= OWN => Station::new(Use::OneCall(Arc::clone(&self.own))),
            None => Ok(self.shared_station.get_or_try_init(|| Station::new(Use::Shared))?.shared()),
        }
    }

    /// Keeps a station for later calls, if it has connections, and no more connections than may be idle in all.
    pub(crate) fn give_back(&self, mut station: Station, most: usize) {
        if !matches!(station.allowed, Use::OneCall(_)) {
            return station.keep_at_most(most);
        }
        station.idle_since = Instant::now();
        let mut idle = self.idle();
        let room = most - idle.lanes.min(most);
        if station.lanes.idle().len() > room {
            drop(idle);
            station.keep_at_most(room);
            idle = self.idle();
        }
        let lanes = station.lanes.idle().len();
        if lanes > 0 {
            idle.lanes += lanes;
            idle.stations.push(station);
        }
    }

    /// Ends all that nobody uses just now.
    pub(crate) fn close_idle(&self) {
        let idle = std::mem::take(&mut *self.idle());
        idle.stations.iter().for_each(|station| station.keep_at_most(0));
        if let Some(shared) = self.shared_station.get() {
            shared.keep_at_most(0);
        }
    }

    fn idle(&self) -> MutexGuard<'_, Idle> {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Stations {
    fn drop(&mut self) {
        let idle = self.idle.get_mut().unwrap_or_else(PoisonError::into_inner);
        idle.stations.iter().for_each(|station| station.keep_at_most(0));
    }
}
