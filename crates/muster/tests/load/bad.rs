//! Bad clients: noise, heads that are too large, wrong hosts, wrong tokens, wrong passwords, wrong bodies, and those
//! that leave in the middle. Every one of them is refused or hung up on.

use std::{sync::Arc, time::Duration};

use muster_runtime::Tasks;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

use crate::{process::PATIENCE, site::Site};

const WHO: &str = "bad";

/// Bad clients at a time.
const CLIENTS: usize = 6;

/// Starts them.
pub(crate) fn start(site: &Arc<Site>, tasks: &Tasks) {
    for _ in 0..CLIENTS {
        let (site, end) = (Arc::clone(site), tasks.shutdown().clone());
        tasks.spawn("bad client", async move {
            while !end.begun() {
                let deed = Deed::ALL[site.any(Deed::ALL.len())];
                deed.commit(&site).await;
                site.pause(&end, Duration::from_millis(50)).await;
            }
        });
    }
}

/// What a bad client does.
#[derive(Debug, Clone, Copy)]
enum Deed {
    Noise,
    NoiseAsQuery,
    ManyHeaders,
    LongHeader,
    WrongHost,
    WrongToken,
    NoToken,
    WrongPassword,
    BrokenBody,
    LargeBody,
    NoRoute,
    NoiseAsLiveClient,
    LeavesInTheMiddle,
}

impl Deed {
    const ALL: [Self; 13] = [
        Self::Noise,
        Self::NoiseAsQuery,
        Self::ManyHeaders,
        Self::LongHeader,
        Self::WrongHost,
        Self::WrongToken,
        Self::NoToken,
        Self::WrongPassword,
        Self::BrokenBody,
        Self::LargeBody,
        Self::NoRoute,
        Self::NoiseAsLiveClient,
        Self::LeavesInTheMiddle,
    ];

    async fn commit(self, site: &Site) {
        let said = self.words(site);
        match tokio::time::timeout(PATIENCE, self.answered(site, &said)).await {
            // What is said as a live client comes after a proper beginning.
            Ok(Some(101)) if matches!(self, Self::NoiseAsLiveClient) => site.answers.event("bad: hung up on"),
            Ok(Some(status)) => site.answers.refusal(WHO, status, &format!("{self:?}")),
            Ok(None) => site.answers.event("bad: hung up on"),
            Err(_) => site.answers.strange(format!("bad: {self:?} was neither answered nor hung up on")),
        }
    }

    /// Says something and reads on to the end. Gives back the status of the first answer.
    async fn answered(self, site: &Site, said: &[u8]) -> Option<u16> {
        let mut stream = TcpStream::connect(site.server.address).await.ok()?;
        // Whoever is refused early may be hung up on before it has said everything.
        let (mut reading, mut writing) = stream.split();
        let speaking = async {
            let _ = writing.write_all(said).await;
            if self.turns_away() {
                let _ = writing.shutdown().await;
            }
        };
        let mut answer = Vec::new();
        let listening = reading.read_to_end(&mut answer);
        let ((), _) = tokio::join!(speaking, listening);
        let line = answer.split(|byte| *byte == b'\r').next()?;
        std::str::from_utf8(line).ok()?.strip_prefix("HTTP/1.1 ")?.get(..3)?.parse().ok()
    }

    /// Whether it says that it has said all, although no request has ended.
    fn turns_away(self) -> bool {
        match self {
            Self::Noise | Self::NoiseAsLiveClient | Self::LeavesInTheMiddle => true,
            Self::NoiseAsQuery
            | Self::ManyHeaders
            | Self::LongHeader
            | Self::WrongHost
            | Self::WrongToken
            | Self::NoToken
            | Self::WrongPassword
            | Self::BrokenBody
            | Self::LargeBody
            | Self::NoRoute => false,
        }
    }

    fn words(self, site: &Site) -> Vec<u8> {
        let bearer = format!("authorization: Bearer {}\r\n", site.guest);
        let json = "content-type: application/json\r\n";
        match self {
            Self::Noise => noise(site),
            Self::NoiseAsQuery => {
                get(site, &format!("/api/resources?{}", escaped(&noise(site)[..64])), &bearer).into_bytes()
            }
            Self::ManyHeaders => get(site, "/healthz", &"x-more: 1\r\n".repeat(90)).into_bytes(),
            Self::LongHeader => get(site, "/healthz", &format!("x-long: {}\r\n", "x".repeat(1 << 20))).into_bytes(),
            Self::WrongHost => {
                let host = format!("host: {}", site.server.address);
                get(site, "/api/system", &bearer).replace(&host, "host: evil.example").into_bytes()
            }
            Self::WrongToken => {
                let token = escaped(&noise(site)[..32]).replace('%', "");
                get(site, "/api/system", &format!("authorization: Bearer mst_{token}\r\n")).into_bytes()
            }
            Self::NoToken => get(site, "/api/state", "").into_bytes(),
            Self::WrongPassword => post(site, json, br#"{"username":"grace","password":"wrong password"}"#),
            Self::BrokenBody => post(site, json, &noise(site)),
            Self::LargeBody => post(site, json, &vec![b' '; 1 << 20]),
            Self::NoRoute => get(site, &format!("/api/{}", escaped(&noise(site)[..24])), &bearer).into_bytes(),
            Self::NoiseAsLiveClient => {
                let key = "dGhlIHNhbXBsZSBub25jZQ==";
                let upgrade = "connection: upgrade\r\nupgrade: websocket\r\nsec-websocket-version: 13\r\n";
                let address = site.server.address;
                let head = format!("GET /ws HTTP/1.1\r\nhost: {address}\r\n{upgrade}sec-websocket-key: {key}\r\n");
                [format!("{head}{bearer}\r\n").as_bytes(), &noise(site)].concat()
            }
            Self::LeavesInTheMiddle => {
                let whole = get(site, "/api/state", &bearer).into_bytes();
                whole[..site.any(whole.len())].to_vec()
            }
        }
    }
}

fn get(site: &Site, path: &str, headers: &str) -> String {
    format!("GET {path} HTTP/1.1\r\nhost: {}\r\nconnection: close\r\n{headers}\r\n", site.server.address)
}

fn post(site: &Site, headers: &str, body: &[u8]) -> Vec<u8> {
    let (address, length) = (site.server.address, body.len());
    let head = format!("POST /api/login HTTP/1.1\r\nhost: {address}\r\nconnection: close\r\n");
    [format!("{head}{headers}content-length: {length}\r\n\r\n").as_bytes(), body].concat()
}

fn noise(site: &Site) -> Vec<u8> {
    site.entropy.bytes::<512>().to_vec()
}

fn escaped(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("%{byte:02x}")).collect()
}
