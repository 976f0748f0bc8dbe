//! The store that the sandbox's server names for files: what was brought to it, and what it was told to do about it.

mod form;
mod serve;

use std::{
    collections::{HashMap, VecDeque},
    time::Duration,
};

use bytes::Bytes;
use sha1::{Digest, Sha1};

use super::{ReceivedRequest, SandboxError, StoreFault, StoreKind, StoredFile, log::RequestLog, now};

pub(super) use serve::{Door, serve};

/// Files of which the bytes are kept, each of them and all together; of others only size and digest.
const FILE_BYTES_MAX: u64 = 16 * 1024 * 1024;
/// What a form may have around a file.
const FORM_MAX: u64 = 64 * 1024;
const BYTES_MAX: usize = 128 * 1024 * 1024;
const FILES_MAX: usize = 1000;

/// What the store remembers.
pub(super) struct Store {
    kind: StoreKind,
    /// Where it is reached by whoever asked last, such as `http://127.0.0.1:41234`.
    base: String,
    /// Who may bring which file, by token; the oldest goes first.
    tickets: HashMap<String, Ticket>,
    order: VecDeque<String>,
    files: VecDeque<StoredFile>,
    bytes: usize,
    faults: VecDeque<Queued>,
    pub(super) log: RequestLog,
    last: u64,
}

/// A file that the server was told of.
#[derive(Clone)]
pub(super) struct Ticket {
    key: String,
    file_name: String,
    media_type: i32,
    content_type: String,
    /// Where it is found then.
    url: String,
}

struct Queued {
    fault: StoreFault,
    delay: Option<Duration>,
    times: i32,
}

/// The addresses of one file.
pub(super) struct Addresses {
    pub(super) upload: String,
    pub(super) backup: String,
    pub(super) download: String,
    pub(super) kind: i32,
}

impl Store {
    pub(super) fn new(kind: StoreKind) -> Self {
        Self {
            kind,
            base: String::new(),
            tickets: HashMap::new(),
            order: VecDeque::new(),
            files: VecDeque::new(),
            bytes: 0,
            faults: VecDeque::new(),
            log: RequestLog::default(),
            last: 0,
        }
    }

    pub(super) fn set_base(&mut self, base: String) {
        self.base = base;
    }

    /// Names a place for a file, another one each time.
    pub(super) fn place(&mut self, file_name: String, media_type: i32, content_type: String) -> Addresses {
        self.last += 1;
        let ending: String = file_name.rsplit_once('.').map_or("", |(_, ending)| ending).to_lowercase();
        let plain = !ending.is_empty() && ending.len() < 9 && ending.bytes().all(|byte| byte.is_ascii_alphanumeric());
        let key = format!("{media_type}-{:06}{}", self.last, if plain { format!(".{ending}") } else { String::new() });
        let token = hex(&Sha1::digest(format!("{}-{}-{key}", self.base, now())));
        let (base, download) = (&self.base, format!("{}/files/{key}", self.base));
        let addresses = match self.kind {
            StoreKind::Put => Addresses {
                upload: format!("{base}/store/{key}?token={token}"),
                backup: format!("{base}/backup-store/{key}?token={token}"),
                download,
                kind: 0,
            },
            StoreKind::Form => Addresses {
                upload: format!("{base}?{token}?{key}"),
                backup: format!("{base}/backup-store?{token}?{key}"),
                download,
                kind: 1,
            },
        };
        let url = addresses.download.clone();
        self.tickets.insert(token.clone(), Ticket { key, file_name, media_type, content_type, url });
        self.order.push_back(token);
        while self.order.len() > FILES_MAX {
            if let Some(oldest) = self.order.pop_front() {
                self.tickets.remove(&oldest);
            }
        }
        addresses
    }

    /// The right to bring a file that nobody asked for, which anybody has: for answers made to order.
    fn anybodys(&self, key: &str, content_type: &str) -> Option<Ticket> {
        key.starts_with("open/").then(|| Ticket {
            key: key.to_owned(),
            file_name: key.to_owned(),
            media_type: 0,
            content_type: content_type.to_owned(),
            url: format!("{}/files/{key}", self.base),
        })
    }

    fn ticket(&self, token: &str) -> Option<&Ticket> {
        self.tickets.get(token)
    }

    /// Takes a file in, in the place of an older one with the same key.
    pub(super) fn keep(&mut self, ticket: Ticket, content_type: String, intake: Intake) {
        let Ticket { key, file_name, media_type, url, .. } = ticket;
        if let Some(index) = self.files.iter().position(|file| file.key == key)
            && let Some(older) = self.files.remove(index)
        {
            self.bytes -= older.data.as_ref().map_or(0, Bytes::len);
        }
        let Intake { size, digest, bytes } = intake;
        let file = StoredFile {
            url,
            key,
            file_name,
            media_type,
            content_type,
            size: i64::try_from(size).unwrap_or(i64::MAX),
            sha1: hex(&digest.finalize()),
            data: bytes.map(Bytes::from),
        };
        self.bytes += file.data.as_ref().map_or(0, Bytes::len);
        self.files.push_back(file);
        while self.files.len() > FILES_MAX || (self.bytes > BYTES_MAX && self.files.len() > 1) {
            if let Some(oldest) = self.files.pop_front() {
                self.bytes -= oldest.data.as_ref().map_or(0, Bytes::len);
            }
        }
    }

    /// All files, the one brought last at the end.
    pub(super) fn files(&self) -> Vec<StoredFile> {
        self.files.iter().cloned().collect()
    }

    pub(super) fn find(&self, key: &str) -> Option<&StoredFile> {
        self.files.iter().find(|file| file.key == key)
    }

    pub(super) fn fail(&mut self, fault: StoreFault, times: i32, delay: Option<Duration>) -> Result<(), SandboxError> {
        if times < 1 {
            return Err(SandboxError::new(format!("times {times} is below 1")));
        }
        self.faults.push_back(Queued { fault, delay, times });
        Ok(())
    }

    pub(super) fn stop_failing(&mut self) {
        self.faults.clear();
    }

    pub(super) fn next_fault(&mut self) -> Option<(StoreFault, Option<Duration>)> {
        let queued = self.faults.front_mut()?;
        let next = (queued.fault, queued.delay);
        queued.times -= 1;
        if queued.times == 0 {
            self.faults.pop_front();
        }
        Some(next)
    }

    /// The requests that came to the store, oldest first.
    pub(super) fn requests(&self) -> Vec<ReceivedRequest> {
        self.log.all()
    }
}

fn hex(digest: &[u8]) -> String {
    digest.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// A file as it comes in: all of it is counted, and only a small one is kept.
pub(super) struct Intake {
    size: u64,
    digest: Sha1,
    bytes: Option<Vec<u8>>,
}

impl Intake {
    /// For a request of this length: what will be too large is not kept in the first place.
    fn of(length: u64) -> Self {
        let may_be_kept = length <= FILE_BYTES_MAX + FORM_MAX;
        Self { size: 0, digest: Sha1::new(), bytes: may_be_kept.then(Vec::new) }
    }

    fn take(&mut self, piece: &[u8]) {
        self.size += piece.len() as u64;
        self.digest.update(piece);
        match &mut self.bytes {
            Some(bytes) if self.size <= FILE_BYTES_MAX => bytes.extend_from_slice(piece),
            bytes => *bytes = None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn intake(size: usize) -> Intake {
        let mut intake = Intake::of(size as u64);
        intake.take(&vec![7; size]);
        intake
    }

    fn ticket(key: &str) -> Ticket {
        Ticket {
            key: key.into(),
            file_name: "f".into(),
            media_type: 0,
            content_type: "text/plain".into(),
            url: String::new(),
        }
    }

    #[test]
    fn a_large_file_is_counted_and_not_kept() {
        let mut store = Store::new(StoreKind::Put);
        for (key, size) in [("just", FILE_BYTES_MAX), ("over", FILE_BYTES_MAX + 1)] {
            store.keep(ticket(key), "text/plain".into(), intake(size as usize));
        }
        let kept: Vec<bool> = store.files().iter().map(|file| file.data.is_some()).collect();
        assert_eq!(kept, [true, false]);
        assert_eq!(store.files()[1].size, FILE_BYTES_MAX as i64 + 1);
    }

    #[test]
    fn the_oldest_files_are_forgotten_first_and_the_same_key_is_the_same_file() {
        let mut store = Store::new(StoreKind::Put);
        for number in 0..12 {
            store.keep(ticket(&format!("{number}")), "text/plain".into(), intake(FILE_BYTES_MAX as usize));
            store.keep(ticket(&format!("{number}")), "text/plain".into(), intake(FILE_BYTES_MAX as usize));
        }
        let keys: Vec<String> = store.files().into_iter().map(|file| file.key).collect();
        assert_eq!(keys, ["4", "5", "6", "7", "8", "9", "10", "11"]);
        assert!(store.bytes <= BYTES_MAX);
    }

    #[test]
    fn tickets_are_bounded_too() {
        let mut store = Store::new(StoreKind::Form);
        for _ in 0..FILES_MAX + 5 {
            store.place("photo.JPG".into(), 1, "image/jpeg".into());
        }
        assert_eq!((store.tickets.len(), store.order.len()), (FILES_MAX, FILES_MAX));
    }
}
