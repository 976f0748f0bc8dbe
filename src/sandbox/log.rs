//! The requests that arrived, the newest of them.

use std::collections::VecDeque;

use super::ReceivedRequest;

const REQUESTS_MAX: usize = 10_000;
const BYTES_MAX: usize = 128 * 1024 * 1024;

#[derive(Default)]
pub(super) struct RequestLog {
    requests: VecDeque<ReceivedRequest>,
    bytes: usize,
}

impl RequestLog {
    /// Adds a request and forgets the oldest until the rest is within bounds; the newest always stays.
    pub(super) fn add(&mut self, request: ReceivedRequest) {
        self.bytes += weight(&request);
        self.requests.push_back(request);
        while self.requests.len() > REQUESTS_MAX || (self.bytes > BYTES_MAX && self.requests.len() > 1) {
            if let Some(oldest) = self.requests.pop_front() {
                self.bytes -= weight(&oldest);
            }
        }
    }

    /// All that are kept, oldest first.
    pub(super) fn all(&self) -> Vec<ReceivedRequest> {
        self.requests.iter().cloned().collect()
    }

    pub(super) fn clear(&mut self) {
        *self = Self::default();
    }
}

fn weight(request: &ReceivedRequest) -> usize {
    let headers: usize = request.headers.iter().map(|header| header.name.len() + header.value.len()).sum();
    request.path.len() + headers + request.body.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn request(connection: i64, size: usize) -> ReceivedRequest {
        ReceivedRequest {
            method: "POST".into(),
            path: "/".into(),
            headers: Vec::new(),
            body: vec![0; size].into(),
            signature_valid: false,
            connection,
            fault: None,
        }
    }

    #[test]
    fn the_newest_ten_thousand_are_kept() {
        let mut log = RequestLog::default();
        for connection in 0..10_001 {
            log.add(request(connection, 0));
        }
        let kept = log.all();
        assert_eq!(kept.len(), 10_000);
        assert_eq!(kept[0].connection, 1);
    }

    #[test]
    fn large_bodies_push_older_requests_out() {
        let mut log = RequestLog::default();
        for connection in 0..5 {
            log.add(request(connection, BYTES_MAX / 2));
        }
        assert_eq!(log.all().len(), 1);
        assert_eq!(log.all()[0].connection, 4);
    }
}
