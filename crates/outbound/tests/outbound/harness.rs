//! Servers that answer what they are told to, byte for byte, and names that lead where they are told to.

use std::{
    collections::{BTreeMap, VecDeque},
    future::{Future, ready},
    io,
    net::{IpAddr, SocketAddr},
    pin::Pin,
    sync::{Arc, Mutex},
};

use muster_outbound::{Limits, Lookup, Outbound, OutboundError, Request, Trust};
use muster_runtime::{Clock, Shutdown, SystemClock, Tasks, chain};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
};

/// A server that gives one answer to everybody, and closes the connection behind it or not.
pub(crate) struct Fake {
    pub(crate) address: SocketAddr,
    heads: Arc<Mutex<Vec<String>>>,
    shutdown: Shutdown,
}

impl Fake {
    /// Keeps connections open behind the answer.
    pub(crate) async fn start(answer: impl Into<Vec<u8>>) -> Self {
        Self::serve(answer.into(), false).await
    }

    /// Closes connections behind the answer.
    pub(crate) async fn closing(answer: impl Into<Vec<u8>>) -> Self {
        Self::serve(answer.into(), true).await
    }

    async fn serve(answer: Vec<u8>, close: bool) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let (heads, shutdown) = (Arc::<Mutex<Vec<String>>>::default(), Shutdown::new());
        let (heard, ended) = (Arc::clone(&heads), shutdown.clone());
        Tasks::new(shutdown.clone()).spawn("fake server", async move {
            let mut open = vec![];
            loop {
                let accepted = tokio::select! {
                    accepted = listener.accept() => accepted.unwrap().0,
                    () = ended.requested() => return,
                };
                let mut stream = accepted;
                let head = read_head(&mut stream).await;
                heard.lock().unwrap().push(head);
                // The client may have given up.
                let _ = stream.write_all(&answer).await;
                if !close {
                    open.push(stream);
                }
            }
        });
        Self { address, heads, shutdown }
    }

    pub(crate) fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    pub(crate) fn heads(&self) -> Vec<String> {
        self.heads.lock().unwrap().clone()
    }
}

impl Drop for Fake {
    fn drop(&mut self) {
        self.shutdown.begin();
    }
}

async fn read_head(stream: &mut TcpStream) -> String {
    let mut head = vec![];
    while !head.ends_with(b"\r\n\r\n") {
        let mut byte = [0];
        if stream.read(&mut byte).await.unwrap() == 0 {
            break;
        }
        head.push(byte[0]);
        // Whoever begins a TLS handshake is answered in plain text.
        if head == [0x16] {
            break;
        }
    }
    String::from_utf8(head).unwrap()
}

/// An answer with a body.
pub(crate) fn ok(body: &str) -> String {
    format!("HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: {}\r\n\r\n{body}", body.len())
}

pub(crate) fn redirect(status: u16, location: &str) -> String {
    format!("HTTP/1.1 {status} Moved\r\nconnection: close\r\nlocation: {location}\r\ncontent-length: 0\r\n\r\n")
}

/// Answers for each name, one after the other; the last one is repeated.
#[derive(Clone, Default)]
pub(crate) struct Names(Arc<Mutex<BTreeMap<String, VecDeque<Vec<IpAddr>>>>>, Arc<Mutex<usize>>);

impl Names {
    pub(crate) fn with(self, name: &str, answers: &[&[&str]]) -> Self {
        let answers = answers.iter().map(|answer| answer.iter().map(|ip| ip.parse().unwrap()).collect()).collect();
        self.0.lock().unwrap().insert(name.to_owned(), answers);
        self
    }

    /// How often anybody looked anything up.
    pub(crate) fn asked(&self) -> usize {
        *self.1.lock().unwrap()
    }
}

impl Lookup for Names {
    fn lookup(&self, name: String) -> Pin<Box<dyn Future<Output = io::Result<Vec<IpAddr>>> + Send>> {
        *self.1.lock().unwrap() += 1;
        let mut names = self.0.lock().unwrap();
        let answers = names.get_mut(&name).unwrap_or_else(|| panic!("nobody should look up {name}"));
        let answer = if answers.len() > 1 { answers.pop_front() } else { answers.front().cloned() };
        Box::pin(ready(Ok(answer.unwrap())))
    }
}

pub(crate) fn clock() -> Arc<dyn Clock> {
    Arc::new(SystemClock::new())
}

pub(crate) fn outbound(redirects: u8, names: &Names) -> Outbound {
    let limits = Limits { redirects, ..Limits::default() };
    Outbound::with_lookup(limits, Trust::System, clock(), Arc::new(names.clone())).unwrap()
}

/// Asks for an address and returns the body.
pub(crate) async fn get(outbound: &Outbound, url: &str) -> Result<String, OutboundError> {
    let answer = outbound.send(Request::get(url.parse().unwrap())).await?;
    assert_eq!(answer.status(), 200, "{url}");
    Ok(String::from_utf8(answer.body(1000).await?).unwrap())
}

/// Asks for an address that is refused and returns why.
pub(crate) async fn refusal(outbound: &Outbound, url: &str) -> String {
    chain(&get(outbound, url).await.unwrap_err())
}
