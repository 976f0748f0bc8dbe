//! The server's one bucket of requests, for all endpoints and callers together.

use std::time::{Duration, Instant};

const SPAN: Duration = Duration::from_secs(10);

/// Lets a number of requests through in 10 s, refilled continuously.
pub(super) struct Bucket {
    size: f64,
    left: f64,
    filled: Instant,
}

impl Bucket {
    /// A full bucket; one of size 0 never runs out.
    pub(super) fn new(size: u32, now: Instant) -> Self {
        Self { size: f64::from(size), left: f64::from(size), filled: now }
    }

    /// Takes one request out, or says that the bucket is empty.
    pub(super) fn take(&mut self, now: Instant) -> bool {
        if self.size == 0.0 {
            return true;
        }
        let elapsed = now.saturating_duration_since(self.filled);
        self.filled = now;
        self.left = (self.left + elapsed.as_secs_f64() / SPAN.as_secs_f64() * self.size).min(self.size);
        if self.left < 1.0 {
            return false;
        }
        self.left -= 1.0;
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_bucket_is_refilled_continuously_up_to_its_size() {
        let start = Instant::now();
        let mut bucket = Bucket::new(10, start);
        assert!((0..10).all(|_| bucket.take(start)));
        assert!(!bucket.take(start));
        assert!(!bucket.take(start + Duration::from_millis(990)));
        assert!(bucket.take(start + Duration::from_millis(1010)));
        let rested = start + Duration::from_secs(60);
        assert_eq!((0..100).filter(|_| bucket.take(rested)).count(), 10);
    }

    #[test]
    fn size_zero_is_no_limit() {
        let start = Instant::now();
        let mut bucket = Bucket::new(0, start);
        assert!((0..1000).all(|_| bucket.take(start)));
    }
}
