//! The listening socket and the one thread behind it.

use std::{
    io,
    net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr},
    process,
    sync::{Arc, Mutex, PoisonError, mpsc},
    thread::{self, JoinHandle},
    time::Duration,
};

use tokio::{
    net::{TcpListener, TcpSocket},
    runtime::Builder,
    sync::Notify,
};

use super::{SandboxError, callbacks, connection, responder::Responder};

const A_MOMENT: Duration = Duration::from_millis(10);
const BACKLOG: u32 = 1024;

/// A running server. It stops when it is dropped.
pub(super) struct Server {
    address: SocketAddr,
    stop: Arc<Notify>,
    responder: Arc<Responder>,
    thread: Mutex<Option<JoinHandle<()>>>,
    process: u32,
}

impl Server {
    /// Listens from here on; a port that is taken is an error here and not in the thread.
    pub(super) fn start(host: &str, port: u16, responder: Arc<Responder>) -> Result<Self, SandboxError> {
        let (listener, address) = listen(host, port).map_err(|error| match error.kind() {
            io::ErrorKind::AddrInUse => SandboxError::new(format!("cannot listen on {host}:{port}: the port is taken")),
            _ => SandboxError::new(format!("cannot listen on {host}:{port}: {error}")),
        })?;
        let stop = Arc::new(Notify::new());
        let (stopped, served) = (Arc::clone(&stop), Arc::clone(&responder));
        let (started, start) = mpsc::channel();
        let thread = thread::Builder::new()
            .name("wildfirechat-sandbox".to_owned())
            .spawn(move || {
                // Nobody waits for this any more only where the caller has panicked.
                let tell = |outcome| drop(started.send(outcome));
                let ended = run(listener, Arc::clone(&served), &stopped, || tell(Ok(())));
                served.set_open(false);
                if let Err(error) = ended {
                    tell(Err(error));
                }
            })
            .map_err(|error| SandboxError::new(format!("cannot start a thread: {error}")))?;
        match start.recv() {
            Ok(Ok(())) => {}
            Ok(Err(error)) => return Err(SandboxError::new(format!("cannot start: {error}"))),
            Err(_) => return Err(SandboxError::new("cannot start: the thread has ended")),
        }
        Ok(Self { address, stop, responder, thread: Mutex::new(Some(thread)), process: process::id() })
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

    /// Closes the port and the idle connections for a while, and comes back when they are closed.
    pub(super) fn refuse(&self, duration: Duration) {
        let closed = self.responder.refuse(duration);
        while !closed() {
            thread::sleep(Duration::from_millis(1));
        }
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
fn run(
    listener: std::net::TcpListener,
    responder: Arc<Responder>,
    stopped: &Notify,
    started: impl FnOnce(),
) -> io::Result<()> {
    let runtime = Builder::new_current_thread().enable_io().enable_time().build()?;
    // Dropping the runtime at the end drops every connection with it.
    runtime.block_on(async {
        let listener = TcpListener::from_std(listener)?;
        tokio::spawn(callbacks::deliver(Arc::clone(&responder)));
        started();
        tokio::select! {
            () = stopped.notified() => Ok(()),
            ended = accept(listener, responder) => ended,
        }
    })
}

async fn accept(mut listener: TcpListener, responder: Arc<Responder>) -> io::Result<()> {
    let address = listener.local_addr()?;
    let mut number = 0;
    loop {
        tokio::select! {
            accepted = listener.accept() => match accepted {
                Ok((stream, _)) => {
                    number += 1;
                    // From here on: where the port is to close before the task begins, its connection closes as well.
                    tokio::spawn(connection::serve(stream, number, Arc::clone(&responder), responder.closing()));
                }
                // No file handle left, or a caller that went away: there may be better times.
                Err(_) => tokio::time::sleep(A_MOMENT).await,
            },
            () = responder.port_is_to_close() => {
                drop(listener);
                let held = hold(address).await;
                // The idle connections see the same and close; their turns come before these are over.
                for _ in 0..4 {
                    tokio::task::yield_now().await;
                }
                loop {
                    responder.set_open(false);
                    while let Some(until) = responder.closed_until() {
                        tokio::time::sleep_until(until.into()).await;
                    }
                    // Who asks from here on waits for the port to close again; who asked just before is seen here.
                    responder.set_open(true);
                    if responder.closed_until().is_none() {
                        break;
                    }
                }
                listener = held.listen(BACKLOG)?;
            }
        }
    }
}

/// Keeps a port without listening on it: connections to it are refused, and nobody else gets it.
async fn hold(address: SocketAddr) -> TcpSocket {
    loop {
        let held = match address {
            SocketAddr::V4(_) => TcpSocket::new_v4(),
            SocketAddr::V6(_) => TcpSocket::new_v6(),
        };
        let bound = held.and_then(|held| {
            held.set_reuseaddr(true)?;
            held.bind(address)?;
            Ok(held)
        });
        match bound {
            Ok(held) => return held,
            Err(_) => tokio::time::sleep(A_MOMENT).await,
        }
    }
}
