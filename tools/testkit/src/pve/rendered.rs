//! An answer as bytes, compressed at most once.

use std::{io::Write, sync::OnceLock};

use flate2::{Compression, write::GzEncoder};
use hyper::body::Bytes;

use super::answer::{Answer, Body};

/// Bodies up to this many bytes are not compressed.
const WORTH_COMPRESSING: usize = 1024;

/// The content type of the API.
const JSON: &str = "application/json;charset=UTF-8";

/// An answer that can be sent many times.
#[derive(Debug)]
pub(super) struct Rendered {
    pub(super) status: u16,
    pub(super) reason: Option<String>,
    pub(super) content_type: Option<&'static str>,
    pub(super) plain: Bytes,
    compressed: OnceLock<Bytes>,
}

impl Rendered {
    pub(super) fn of(answer: Answer) -> Self {
        let Answer { status, reason, body } = answer;
        let (content_type, plain) = match body {
            Body::Empty => (None, Bytes::new()),
            Body::Json(value) => (Some(JSON), serde_json::to_vec(&value).expect("its keys are text").into()),
            Body::Written(json) => (Some(JSON), json.into()),
            Body::Html(page) => (Some("text/html;charset=UTF-8"), page.into()),
        };
        Self { status, reason, content_type, plain, compressed: OnceLock::new() }
    }

    /// A status that only its phrase explains.
    pub(super) fn phrase(status: u16, reason: &str) -> Self {
        Self::of(Answer::phrase(status, reason))
    }

    /// A page for people.
    pub(super) fn page() -> Self {
        Self::of(Answer::page())
    }

    /// 200 with any text.
    pub(super) fn text(content_type: &'static str, text: String) -> Self {
        let plain = Bytes::from(text);
        Self { status: 200, reason: None, content_type: Some(content_type), plain, compressed: OnceLock::new() }
    }

    /// The body compressed, where that is worth it.
    pub(super) fn gzip(&self) -> Option<Bytes> {
        (self.plain.len() > WORTH_COMPRESSING).then(|| self.compressed.get_or_init(|| gzip(&self.plain)).clone())
    }
}

/// A list with nothing but room in it, compressed: small here, and this many bytes when unpacked.
pub(super) fn gzip_of_nothing(bytes: u64) -> Bytes {
    static PIECE: [u8; 64 * 1024] = [b' '; 64 * 1024];
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    let mut left = bytes;
    encoder.write_all(b"{\"data\":[").expect("memory takes everything");
    while left > 0 {
        let piece = left.min(PIECE.len() as u64);
        encoder
            .write_all(&PIECE[..usize::try_from(piece).expect("a piece is small")])
            .expect("memory takes everything");
        left -= piece;
    }
    encoder.write_all(b"]}").expect("memory takes everything");
    encoder.finish().expect("memory takes everything").into()
}

fn gzip(plain: &[u8]) -> Bytes {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(plain).expect("memory takes everything");
    encoder.finish().expect("memory takes everything").into()
}
