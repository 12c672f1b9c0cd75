//! Connections: each comes to an end, however slow or silent its other side is.

use crate::stop::Stop;
use axum::Router;
use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::serve::Listener;
use hyper::Request;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::{Service as _, service_fn};
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use std::convert::Infallible;
use std::net::IpAddr;
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;
use tokio::net::TcpListener;
use tokio::sync::Semaphore;
use tokio::task::JoinSet;

/// The other side of the connection that a request came by.
#[derive(Clone, Copy, Debug)]
pub struct Peer(pub IpAddr);

/// Whether a request of this connection may take long: a file is sent.
#[derive(Clone, Debug, Default)]
pub struct Lasting(Arc<AtomicBool>);

/// It may until this is dropped.
#[must_use]
pub struct Lasts(Arc<AtomicBool>);

impl Lasting {
    pub fn begin(self) -> Lasts {
        self.0.store(true, Ordering::Relaxed);
        Lasts(self.0)
    }
}

impl Drop for Lasts {
    fn drop(&mut self) {
        self.0.store(false, Ordering::Relaxed);
    }
}

impl<S: Sync> FromRequestParts<S> for Lasting {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        Ok(parts.extensions.get().cloned().unwrap_or_default())
    }
}

/// How long each part of a connection may take.
#[derive(Clone, Copy, Debug)]
pub struct Patience {
    /// A request's head, from the end of the answer before.
    pub head: Duration,
    /// One request after the other; then the connection is closed behind an answer.
    pub connection: Duration,
    /// The last answer, to be made and to be taken.
    pub end: Duration,
}

impl Default for Patience {
    fn default() -> Self {
        Self {
            head: Duration::from_secs(15),
            connection: Duration::from_mins(10),
            end: Duration::from_mins(1),
        }
    }
}

/// More wait until one of these ends.
const MOST_CONNECTIONS: usize = 200;

/// Answers until `stop` is asked for, and then until what was begun is answered.
pub async fn serve(mut listener: TcpListener, router: Router, patience: Patience, stop: Stop) {
    let slots = Arc::new(Semaphore::new(MOST_CONNECTIONS));
    let mut connections = JoinSet::new();
    loop {
        let accepted = async {
            let slot = Arc::clone(&slots).acquire_owned().await;
            (Listener::accept(&mut listener).await, slot)
        };
        let ((stream, address), slot) = tokio::select! {
            accepted = accepted => accepted,
            _ = stop.clone().wait() => break,
        };
        while connections.try_join_next().is_some() {}
        let router = TowerToHyperService::new(router.clone());
        let lasting = Lasting::default();
        let said = lasting.clone();
        let service = service_fn(move |mut request: Request<Incoming>| {
            request.extensions_mut().insert(Peer(address.ip()));
            request.extensions_mut().insert(said.clone());
            router.call(request)
        });
        let stop = stop.clone();
        connections.spawn(async move {
            let mut connection = pin!(
                http1::Builder::new()
                    .timer(TokioTimer::new())
                    .header_read_timeout(patience.head)
                    // Who has said everything may still want the answer.
                    .half_close(true)
                    .serve_connection(TokioIo::new(stream), service)
            );
            tokio::select! {
                // Whatever went wrong is the other side's to see.
                _ = connection.as_mut() => return,
                _ = stop.wait() => {}
                () = tokio::time::sleep(patience.connection) => {}
            }
            connection.as_mut().graceful_shutdown();
            while tokio::time::timeout(patience.end, connection.as_mut())
                .await
                .is_err()
                && lasting.0.load(Ordering::Relaxed)
            {}
            drop(slot);
        });
    }
    drop(listener);
    while connections.join_next().await.is_some() {}
}

#[cfg(test)]
mod tests {
    use super::*;
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
    use tokio::net::TcpStream;

    /// Long enough for a machine that does much else.
    const LONG: Duration = Duration::from_mins(1);
    const SHORT: Duration = Duration::from_millis(50);

    /// Sends this and reads nothing until the connection is closed from the other side; what was answered.
    async fn until_closed(patience: Patience, request: &str, times: usize) -> usize {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let address = listener.local_addr().expect("an address");
        let big = || async { "x".repeat(1 << 20) };
        let router = Router::new().route("/", axum::routing::get(big));
        tokio::spawn(serve(listener, router, patience, Stop::never()));
        let mut stream = TcpStream::connect(address).await.expect("it listens");
        let closed = async {
            for _ in 0..times {
                if stream.write_all(request.as_bytes()).await.is_err() {
                    break;
                }
            }
            // Reset instead of ended where something that was sent was not read any more.
            let mut answer = Vec::new();
            let _ = stream.read_to_end(&mut answer).await;
            answer.len()
        };
        tokio::time::timeout(LONG, closed)
            .await
            .expect("it is closed")
    }

    #[tokio::test]
    async fn half_a_head_does_not_hold_a_connection() {
        let patience = Patience {
            head: SHORT,
            connection: LONG * 2,
            end: LONG * 2,
        };
        for head in ["", "GET / HTTP/1.1\r\nhost: localhost\r\n"] {
            until_closed(patience, head, 1).await;
        }
        let answered = until_closed(patience, "GET / HTTP/1.1\r\nhost: localhost\r\n\r\n", 1).await;
        assert!(answered > 1 << 20, "and a whole one is answered before");
    }

    #[tokio::test]
    async fn who_takes_no_answer_does_not_hold_a_connection() {
        let patience = Patience {
            head: LONG * 2,
            connection: SHORT,
            end: SHORT,
        };
        // The answers to so many fit no buffer.
        let request = "GET / HTTP/1.1\r\nhost: localhost\r\n\r\n";
        let answered = until_closed(patience, request, 100).await;
        assert!(answered < 100 << 20, "{answered}");
    }
}
