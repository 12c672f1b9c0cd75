//! A network between clients and broker that can be cut and slowed down.

use std::io::{Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

/// Passes bytes on, in both directions.
pub struct Proxy {
    pub port: u16,
    state: Arc<State>,
}

#[derive(Default)]
struct State {
    /// New connections are refused, and old ones are closed.
    is_cut: AtomicBool,
    /// Milliseconds that each piece waits.
    delay: AtomicU64,
    open: Mutex<Vec<TcpStream>>,
}

impl Proxy {
    /// Listens on a free port and passes on to another one.
    pub fn to(port: u16) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("loopback has a free port");
        let state = Arc::new(State::default());
        let own = listener.local_addr().expect("it is bound").port();
        let shared = Arc::clone(&state);
        std::thread::spawn(move || {
            for client in listener.incoming().flatten() {
                if shared.is_cut.load(Ordering::Acquire) {
                    continue;
                }
                if let Ok(server) = TcpStream::connect(("127.0.0.1", port)) {
                    shared.join(&client, &server);
                }
            }
        });
        Self { port: own, state }
    }

    pub fn cut(&self) {
        self.state.is_cut.store(true, Ordering::Release);
        let mut open = self
            .state
            .open
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        for stream in open.drain(..) {
            // It may be closed already.
            let _ = stream.shutdown(Shutdown::Both);
        }
    }

    pub fn mend(&self) {
        self.state.is_cut.store(false, Ordering::Release);
        self.slow(0);
    }

    pub fn slow(&self, milliseconds: u64) {
        self.state.delay.store(milliseconds, Ordering::Release);
    }
}

impl State {
    fn join(self: &Arc<Self>, client: &TcpStream, server: &TcpStream) {
        let both = [(client, server), (server, client)];
        for (from, to) in both {
            let (Ok(mut from), Ok(mut to)) = (from.try_clone(), to.try_clone()) else {
                return;
            };
            if let Ok(known) = from.try_clone() {
                let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
                open.push(known);
            }
            let state = Arc::clone(self);
            std::thread::spawn(move || {
                let mut piece = vec![0; 64 * 1024];
                while let Ok(length @ 1..) = from.read(&mut piece) {
                    let delay = state.delay.load(Ordering::Acquire);
                    if delay > 0 {
                        std::thread::sleep(Duration::from_millis(delay));
                    }
                    if to.write_all(&piece[..length]).is_err() {
                        break;
                    }
                }
                let _ = to.shutdown(Shutdown::Both);
                let _ = from.shutdown(Shutdown::Both);
            });
        }
    }
}
