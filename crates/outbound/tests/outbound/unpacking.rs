//! Packed bodies, words beside the status, and whose fault a failed call was.

use std::io::Write;

use flate2::{Compression, write::GzEncoder};
use muster_outbound::{Outbound, OutboundError, Request, Response};

use crate::harness::{Fake, Names, ok, outbound};

#[tokio::test]
async fn a_packed_body_is_unpacked_on_demand() {
    let fake = Fake::start(packed(&gzip(b"what was packed"))).await;
    let unpacked = send(&outbound(0, &Names::default()), &fake).await.unwrap().unpacked(1000).await.unwrap();
    assert_eq!(unpacked, b"what was packed");
    assert!(fake.heads()[0].contains("accept-encoding: gzip"), "{:?}", fake.heads());
    let plain = Fake::start(ok("plain")).await;
    assert_eq!(send(&outbound(0, &Names::default()), &plain).await.unwrap().unpacked(1000).await.unwrap(), b"plain");
}

#[tokio::test]
async fn what_comes_out_is_what_counts() {
    // D-22
    let bomb = Fake::start(packed(&gzip(&vec![0; 10_000_000]))).await;
    let exact = Fake::start(packed(&gzip(&vec![0; 100_000]))).await;
    let outbound = outbound(0, &Names::default());
    let error = send(&outbound, &bomb).await.unwrap().unpacked(100_000).await.unwrap_err();
    assert!(matches!(error, OutboundError::TooLarge { most_bytes: 100_000, .. }), "{error}");
    assert_eq!(send(&outbound, &exact).await.unwrap().unpacked(100_000).await.unwrap().len(), 100_000);
}

#[tokio::test]
async fn a_damaged_body_is_told_apart() {
    let mut cut = gzip(&[7; 5000]);
    cut.truncate(20);
    for body in [cut, b"no gzip at all".to_vec()] {
        let fake = Fake::start(packed(&body)).await;
        let error = send(&outbound(0, &Names::default()), &fake).await.unwrap().unpacked(100_000).await.unwrap_err();
        assert!(matches!(error, OutboundError::Packing { .. }), "{error}");
    }
}

#[tokio::test]
async fn the_words_beside_the_status_are_told_within_a_bound() {
    let check = async |line: &[u8], reason: Option<&str>| {
        let answer = [b"HTTP/1.1 ", line, b"\r\ncontent-length: 0\r\n\r\n"].concat();
        let fake = Fake::start(answer).await;
        let answer = send(&outbound(0, &Names::default()), &fake).await.unwrap();
        assert_eq!(answer.reason().as_deref(), reason, "{}", String::from_utf8_lossy(line));
    };
    check(b"595 No route to host", Some("No route to host")).await;
    check(b"500 VM 100\tis locked", Some("VM 100 is locked")).await;
    check(b"500 VM 100 is \xe4", None).await;
    check(b"200 OK", None).await;
    check(&[b"500 ".to_vec(), vec![b'x'; 2000]].concat(), Some(&"x".repeat(512))).await;
}

#[tokio::test]
async fn a_connection_that_breaks_off_before_the_answer_is_told_apart() {
    let broken = Fake::closing("").await;
    let midway = Fake::closing("HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\nhalf").await;
    let outbound = outbound(0, &Names::default());
    let error = send(&outbound, &broken).await.unwrap_err();
    assert!(error.broke_off(), "{error:?}");
    let error = send(&outbound, &midway).await.unwrap().body(1000).await.unwrap_err();
    assert!(matches!(error, OutboundError::Unreachable { .. }), "{error:?}");
    let nobody = Request::get("http://127.0.0.1:1/".parse().unwrap());
    let error = outbound.send(nobody).await.unwrap_err();
    assert!(matches!(error, OutboundError::Unreachable { .. }) && !error.broke_off(), "{error:?}");
}

async fn send(outbound: &Outbound, fake: &Fake) -> Result<Response, OutboundError> {
    outbound.send(Request::get(fake.url().parse().unwrap()).packed()).await
}

fn packed(body: &[u8]) -> Vec<u8> {
    let head = format!("HTTP/1.1 200 OK\r\ncontent-encoding: gzip\r\ncontent-length: {}\r\n\r\n", body.len());
    [head.as_bytes(), body].concat()
}

fn gzip(body: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(body).unwrap();
    encoder.finish().unwrap()
}
