use std::collections::BTreeMap;
use std::io;
use std::net::{Ipv4Addr, Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::{self, JoinHandle};

use crate::{Error, port};

/// A port through which a service is reached, and which can be closed: connections break and new ones are refused, as in
/// an outage, while the service behind it keeps what it holds.
pub(crate) struct Gate {
    service: &'static str,
    port: u16,
    behind: u16,
    open: Option<Open>,
}

struct Open {
    accepting: JoinHandle<()>,
    state: Arc<State>,
}

struct State {
    closing: AtomicBool,
    connections: Mutex<BTreeMap<u64, [TcpStream; 2]>>,
}

impl Gate {
    /// Opens a gate on the port, or on one that is free, in front of the service's own port.
    pub fn open(service: &'static str, port: Option<u16>, behind: u16) -> Result<Self, Error> {
        let free = || port::free().ok_or_else(|| Error::Start { service, reason: "no port is free".into() });
        let port = port.map_or_else(free, Ok)?;
        let mut gate = Self { service, port, behind, open: None };
        gate.open_again()?;
        Ok(gate)
    }

    /// Its port, also while it is closed.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// Lets connections in again, if it does not.
    pub fn open_again(&mut self) -> Result<(), Error> {
        if self.open.is_some() {
            return Ok(());
        }
        let Self { service, port, behind, .. } = *self;
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port))
            .map_err(|error| Error::Start { service, reason: format!("port {port}: {error}") })?;
        let state = Arc::new(State { closing: AtomicBool::new(false), connections: Mutex::default() });
        let accepting = thread::spawn({
            let state = Arc::clone(&state);
            move || accept(&listener, behind, &state)
        });
        self.open = Some(Open { accepting, state });
        Ok(())
    }

    /// Breaks all connections and refuses new ones from when this returns.
    pub fn close(&mut self) {
        let Some(Open { accepting, state }) = self.open.take() else { return };
        state.closing.store(true, Ordering::SeqCst);
        // Wakes the thread that waits for a connection. Where this fails, it was woken by another.
        drop(TcpStream::connect((Ipv4Addr::LOCALHOST, self.port)));
        drop(accepting.join());
        for [client, service] in state.connections().values() {
            end(client);
            end(service);
        }
    }
}

impl Drop for Gate {
    fn drop(&mut self) {
        self.close();
    }
}

impl State {
    fn connections(&self) -> MutexGuard<'_, BTreeMap<u64, [TcpStream; 2]>> {
        self.connections.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Ends, and no longer listens, once the gate is closing.
fn accept(listener: &TcpListener, behind: u16, state: &Arc<State>) {
    for number in 0.. {
        let accepted = listener.accept();
        if state.closing.load(Ordering::SeqCst) {
            return;
        }
        let Ok((client, _)) = accepted else { continue };
        let state = Arc::clone(state);
        let connect = || TcpStream::connect(SocketAddr::from((Ipv4Addr::LOCALHOST, behind)));
        let Ok(service) = connect() else { continue };
        let pair = || Ok::<_, io::Error>([client.try_clone()?, service.try_clone()?]);
        if let Ok(pair) = pair() {
            state.connections().insert(number, pair);
            thread::spawn(move || {
                pass(&client, &service);
                state.connections().remove(&number);
            });
        }
    }
}

/// Passes everything on in both directions until both have ended.
fn pass(client: &TcpStream, service: &TcpStream) {
    thread::scope(|scope| {
        scope.spawn(|| pass_one_way(client, service));
        pass_one_way(service, client);
    });
}

fn pass_one_way(mut from: &TcpStream, mut to: &TcpStream) {
    // Whatever ends it, the other side learns that nothing more comes.
    let passed = to.set_nodelay(true).and_then(|()| io::copy(&mut from, &mut to));
    drop(to.shutdown(if passed.is_ok() { Shutdown::Write } else { Shutdown::Both }));
}

fn end(stream: &TcpStream) {
    // An error means that it has ended.
    drop(stream.shutdown(Shutdown::Both));
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests")]
mod tests {
    use std::io::{Read, Write};

    use super::*;

    /// Sends back what it is sent.
    fn echo() -> u16 {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let port = listener.local_addr().unwrap().port();
        thread::spawn(move || {
            for stream in listener.incoming() {
                thread::spawn(move || {
                    let stream = stream.unwrap();
                    drop(io::copy(&mut &stream, &mut &stream));
                });
            }
        });
        port
    }

    fn say(stream: &mut TcpStream, word: &[u8]) -> io::Result<Vec<u8>> {
        stream.write_all(word)?;
        let mut heard = vec![0; word.len()];
        stream.read_exact(&mut heard)?;
        Ok(heard)
    }

    #[test]
    fn what_is_sent_passes_and_the_end_of_it_too() {
        let gate = Gate::open("an echo", None, echo()).unwrap();
        let mut stream = TcpStream::connect((Ipv4Addr::LOCALHOST, gate.port())).unwrap();
        assert_eq!(say(&mut stream, b"one").unwrap(), b"one");
        stream.write_all(b"two").unwrap();
        stream.shutdown(Shutdown::Write).unwrap();
        let mut rest = Vec::new();
        stream.read_to_end(&mut rest).unwrap();
        assert_eq!(rest, b"two");
        drop(stream);
        let state = &gate.open.as_ref().unwrap().state;
        crate::wait::until(std::time::Duration::from_secs(5), || state.connections().is_empty().then_some(())).unwrap();
    }

    #[test]
    fn closing_breaks_connections_and_refuses_new_ones_until_it_is_open_again() {
        let mut gate = Gate::open("an echo", None, echo()).unwrap();
        let mut stream = TcpStream::connect((Ipv4Addr::LOCALHOST, gate.port())).unwrap();
        assert_eq!(say(&mut stream, b"one").unwrap(), b"one");
        gate.close();
        assert!(say(&mut stream, b"two").is_err());
        let refused = TcpStream::connect((Ipv4Addr::LOCALHOST, gate.port())).unwrap_err();
        assert_eq!(refused.kind(), io::ErrorKind::ConnectionRefused);
        gate.open_again().unwrap();
        let mut stream = TcpStream::connect((Ipv4Addr::LOCALHOST, gate.port())).unwrap();
        assert_eq!(say(&mut stream, b"three").unwrap(), b"three");
    }
}
