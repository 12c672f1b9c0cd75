//! What a client sends to a service, and what is answered: passed on as it is, and kept.

use std::io::{Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::{Arc, Mutex, PoisonError};

/// A service seen through a wire that is listened to.
pub struct Wire {
    pub address: String,
    said: Arc<Mutex<Vec<Said>>>,
}

/// What went over one connection.
#[derive(Default)]
struct Said {
    asked: Vec<u8>,
    answered: Vec<u8>,
}

impl Wire {
    /// To the service at this address.
    pub fn to(service: &str) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("loopback has a free port");
        let address = listener.local_addr().expect("it is bound").to_string();
        let said = Arc::<Mutex<Vec<Said>>>::default();
        let (shared, service) = (Arc::clone(&said), service.to_owned());
        std::thread::spawn(move || {
            for client in listener.incoming().flatten() {
                if let Ok(service) = TcpStream::connect(&service) {
                    join(&client, &service, &shared);
                }
            }
        });
        Self { address, said }
    }

    /// The bodies of all requests whose end was seen, in their order on each connection.
    pub fn bodies(&self) -> Vec<String> {
        let said = self.said.lock().unwrap_or_else(PoisonError::into_inner);
        said.iter().flat_map(|said| bodies(&said.asked)).collect()
    }

    /// How often this status was answered.
    pub fn answers(&self, status: u16) -> usize {
        let said = self.said.lock().unwrap_or_else(PoisonError::into_inner);
        let line = format!("HTTP/1.1 {status} ");
        let count = |said: &Said| {
            String::from_utf8_lossy(&said.answered)
                .matches(&line)
                .count()
        };
        said.iter().map(count).sum()
    }
}

fn join(client: &TcpStream, service: &TcpStream, said: &Arc<Mutex<Vec<Said>>>) {
    let place = {
        let mut said = said.lock().unwrap_or_else(PoisonError::into_inner);
        said.push(Said::default());
        said.len() - 1
    };
    for (from, to, is_asked) in [(client, service, true), (service, client, false)] {
        let (Ok(mut from), Ok(mut to)) = (from.try_clone(), to.try_clone()) else {
            return;
        };
        let said = Arc::clone(said);
        std::thread::spawn(move || {
            let mut piece = vec![0; 64 * 1024];
            while let Ok(length @ 1..) = from.read(&mut piece) {
                let mut said = said.lock().unwrap_or_else(PoisonError::into_inner);
                let kept = if is_asked {
                    &mut said[place].asked
                } else {
                    &mut said[place].answered
                };
                kept.extend_from_slice(&piece[..length]);
                drop(said);
                if to.write_all(&piece[..length]).is_err() {
                    break;
                }
            }
            let _ = to.shutdown(Shutdown::Both);
            let _ = from.shutdown(Shutdown::Both);
        });
    }
}

/// The bodies of requests that follow each other, each with its length in its head.
fn bodies(asked: &[u8]) -> Vec<String> {
    let text = String::from_utf8_lossy(asked);
    let (mut rest, mut bodies) = (&*text, Vec::new());
    while let Some((head, after)) = rest.split_once("\r\n\r\n") {
        let length = head.lines().find_map(|line| {
            let (name, value) = line.split_once(':')?;
            let is_length = name.eq_ignore_ascii_case("content-length");
            is_length.then(|| value.trim().parse().ok())?
        });
        let length: usize = length.expect("a request says how long its body is");
        // The last one may still be on its way.
        let Some((body, next)) = after.split_at_checked(length) else {
            break;
        };
        bodies.push(body.to_owned());
        rest = next;
    }
    bodies
}
