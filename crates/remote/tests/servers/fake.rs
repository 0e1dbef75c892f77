//! A server that answers what it is told to, byte for byte, and remembers what it was sent.

use std::{
    collections::VecDeque,
    sync::{Arc, Mutex},
};

use muster_remote::{Credentials, Remote, Settings};
use muster_runtime::{Shutdown, Tasks};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
};

use crate::server::outbound;

/// An answer, and what comes after it.
#[derive(Debug, Clone)]
pub(crate) enum Reply {
    /// These bytes, then the connection is closed.
    Bytes(String),
    /// Nothing, for ever.
    Silence,
}

/// What it was sent: the head of each request as text.
pub(crate) type Heads = Arc<Mutex<Vec<String>>>;

/// A server with an answer for each request to come; the last one is repeated.
#[derive(Debug)]
pub(crate) struct Fake {
    pub(crate) address: String,
    pub(crate) heads: Heads,
    shutdown: Shutdown,
}

impl Fake {
    pub(crate) async fn start(replies: &[Reply]) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = format!("http://{}", listener.local_addr().unwrap());
        let (heads, shutdown) = (Heads::default(), Shutdown::new());
        let (tasks, remembered) = (Tasks::new(shutdown.clone()), Arc::clone(&heads));
        let (mut replies, ended) = (VecDeque::from(replies.to_vec()), shutdown.clone());
        tasks.spawn("fake server", async move {
            let serve = async {
                let mut silent = vec![];
                loop {
                    let (mut stream, _) = listener.accept().await.unwrap();
                    let head = read_request(&mut stream).await;
                    remembered.lock().unwrap().push(head);
                    let reply = if replies.len() > 1 { replies.pop_front() } else { replies.front().cloned() };
                    match reply.unwrap() {
                        // The client may have given up.
                        Reply::Bytes(bytes) => drop(stream.write_all(bytes.as_bytes()).await),
                        Reply::Silence => silent.push(stream),
                    }
                }
            };
            tokio::select! {
                () = ended.requested() => {}
                () = serve => {}
            }
        });
        Self { address, heads, shutdown }
    }

    pub(crate) fn settings(&self, credentials: Credentials) -> Settings {
        let write_address = format!("{}/api/v1/write", self.address).parse().unwrap();
        Settings { write_address, read_address: self.address.parse().unwrap(), credentials }
    }

    pub(crate) fn remote(&self) -> Remote {
        Remote::new(&self.settings(Credentials::None), outbound(Remote::LIMITS.total)).unwrap()
    }

    /// The first line of each request, without the query.
    pub(crate) fn requests(&self) -> Vec<String> {
        let line = |head: &String| head.split([' ', '?']).take(2).collect::<Vec<_>>().join(" ");
        self.heads.lock().unwrap().iter().map(line).collect()
    }
}

impl Drop for Fake {
    fn drop(&mut self) {
        self.shutdown.begin();
    }
}

/// An answer with a status line, headers and a body.
pub(crate) fn reply(status: &str, headers: &str, body: &str) -> Reply {
    let length = body.len();
    Reply::Bytes(format!("HTTP/1.1 {status}\r\n{headers}connection: close\r\ncontent-length: {length}\r\n\r\n{body}"))
}

async fn read_request(stream: &mut TcpStream) -> String {
    let mut received = vec![];
    let mut buffer = [0; 4096];
    loop {
        let read = stream.read(&mut buffer).await.unwrap();
        received.extend_from_slice(&buffer[..read]);
        let text = String::from_utf8_lossy(&received).into_owned();
        let Some((head, _)) = text.split_once("\r\n\r\n") else { continue };
        let length = head.lines().find_map(|line| line.to_lowercase().strip_prefix("content-length: ")?.parse().ok());
        let begin = received.windows(4).position(|four| four == b"\r\n\r\n").unwrap() + 4;
        if received.len() >= begin + length.unwrap_or(0_usize) || read == 0 {
            return head.to_owned();
        }
    }
}
