//! The cryptography that TLS is made of, once for all clients.

use std::sync::Arc;

use once_cell::race::OnceBox;
use rustls::crypto::CryptoProvider;

/// Made without a lock: a fork may come while another thread makes it, and its child would wait for that thread for ever.
pub(crate) fn ring() -> Arc<CryptoProvider> {
    static RING: OnceBox<Arc<CryptoProvider>> = OnceBox::new();
    Arc::clone(RING.get_or_init(|| Box::new(Arc::new(rustls::crypto::ring::default_provider()))))
}
