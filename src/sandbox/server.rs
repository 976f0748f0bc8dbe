//! The listening socket and the one thread behind it.

use std::{
    io,
    net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr},
    process,
    sync::{Arc, Mutex, PoisonError, mpsc},
    thread::{self, JoinHandle},
    time::Duration,
};

use tokio::{net::TcpListener, runtime::Builder, sync::Notify};

use super::{SandboxError, connection, desk::Desk};

/// A running server. It stops when it is dropped.
pub(super) struct Server {
    address: SocketAddr,
    stop: Arc<Notify>,
    thread: Mutex<Option<JoinHandle<()>>>,
    process: u32,
}

impl Server {
    /// Listens from here on; a port that is taken is an error here and not in the thread.
    pub(super) fn start(host: &str, port: u16, desk: Arc<Desk>) -> Result<Self, SandboxError> {
        let (listener, address) = listen(host, port).map_err(|error| match error.kind() {
            io::ErrorKind::AddrInUse => SandboxError::new(format!("cannot listen on {host}:{port}: the port is taken")),
            _ => SandboxError::new(format!("cannot listen on {host}:{port}: {error}")),
        })?;
        let stop = Arc::new(Notify::new());
        let stopped = Arc::clone(&stop);
        let (started, start) = mpsc::channel();
        let thread = thread::Builder::new()
            .name("wildfirechat-sandbox".to_owned())
            .spawn(move || {
                // Nobody waits for this any more only where the caller has panicked.
                let tell = |outcome| drop(started.send(outcome));
                if let Err(error) = run(listener, desk, &stopped, || tell(Ok(()))) {
                    tell(Err(error));
                }
            })
            .map_err(|error| SandboxError::new(format!("cannot start a thread: {error}")))?;
        match start.recv() {
            Ok(Ok(())) => {}
            Ok(Err(error)) => return Err(SandboxError::new(format!("cannot start: {error}"))),
            Err(_) => return Err(SandboxError::new("cannot start: the thread has ended")),
        }
        Ok(Self { address, stop, thread: Mutex::new(Some(thread)), process: process::id() })
    }

    /// Where a client of this machine reaches it.
    pub(super) fn address(&self) -> SocketAddr {
        let ip = match self.address.ip() {
            IpAddr::V4(ip) if ip.is_unspecified() => Ipv4Addr::LOCALHOST.into(),
            IpAddr::V6(ip) if ip.is_unspecified() => Ipv6Addr::LOCALHOST.into(),
            ip => ip,
        };
        SocketAddr::new(ip, self.address.port())
    }

    /// Whether its thread runs in this process. A fork has a copy of the memory and no copy of the thread.
    pub(super) fn is_here(&self) -> bool {
        self.process == process::id()
    }

    /// Closes the port and every connection, and comes back when they are closed. A second time does nothing.
    pub(super) fn stop(&self) {
        // In a fork there is no thread to wait for, and the lock may be held for ever.
        if !self.is_here() {
            return;
        }
        let thread = self.thread.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(thread) = thread {
            self.stop.notify_one();
            // A thread that panicked has stopped as well.
            let _ = thread.join();
        }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.stop();
    }
}

fn listen(host: &str, port: u16) -> io::Result<(std::net::TcpListener, SocketAddr)> {
    let listener = std::net::TcpListener::bind((host, port))?;
    listener.set_nonblocking(true)?;
    let address = listener.local_addr()?;
    Ok((listener, address))
}

/// Serves until it is told to stop. The runtime lives and dies in its own thread: it may not be dropped within
/// somebody else's.
fn run(listener: std::net::TcpListener, desk: Arc<Desk>, stopped: &Notify, started: impl FnOnce()) -> io::Result<()> {
    let runtime = Builder::new_current_thread().enable_io().enable_time().build()?;
    // Dropping the runtime at the end drops every connection with it.
    runtime.block_on(async {
        let listener = TcpListener::from_std(listener)?;
        started();
        tokio::select! {
            () = stopped.notified() => {}
            () = accept(listener, desk) => {}
        }
        Ok(())
    })
}

async fn accept(listener: TcpListener, desk: Arc<Desk>) {
    let mut number = 0;
    loop {
        match listener.accept().await {
            Ok((stream, _)) => {
                number += 1;
                tokio::spawn(connection::serve(stream, number, Arc::clone(&desk)));
            }
            // No file handle left, or a caller that went away: there may be better times.
            Err(_) => tokio::time::sleep(Duration::from_millis(10)).await,
        }
    }
}
