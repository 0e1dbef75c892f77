//! How the client behaves towards servers that refuse, break off or are something else.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::{
    io::{Read, Write},
    net::TcpListener,
};

use muster_api::{
    ProblemCode,
    history_file::{ExportQuery, ImportQuery},
    history_stats::VerifyLine,
};
use muster_client::{Client, ClientError, FileFormat, InvalidAddress};
use secrecy::SecretString;

const TOKEN: &str = "mst_this-is-a-secret";

/// Serves one answer and hands back what was asked.
fn serve(answer: &'static str) -> (Client, std::thread::JoinHandle<String>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let server = std::thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        let mut request = [0; 4096];
        let length = stream.read(&mut request).unwrap();
        stream.write_all(answer.as_bytes()).unwrap();
        String::from_utf8(request[..length].to_vec()).unwrap()
    });
    (Client::new(&format!("http://{address}/"), &SecretString::from(TOKEN)).unwrap(), server)
}

#[tokio::test]
async fn a_problem_answer_keeps_its_code_and_detail() {
    let (client, server) = serve(concat!(
        "HTTP/1.1 403 Forbidden\r\ncontent-type: application/problem+json\r\nconnection: close\r\n\r\n",
        r#"{"type":"urn:muster:problem:forbidden","title":"t","status":403,"code":"forbidden","detail":"needs system:admin","requestId":null}"#,
    ));
    let error = client.tokens().await.unwrap_err();
    assert!(matches!(&error, ClientError::Problem { problem, .. } if problem.code == ProblemCode::Forbidden));
    assert!(error.to_string().contains("needs system:admin"), "{error}");
    let request = server.join().unwrap();
    assert!(request.starts_with("GET /api/tokens HTTP/1.1"), "{request}");
    assert!(request.contains(&format!("Bearer {TOKEN}")), "{request}");
}

#[tokio::test]
async fn something_else_that_answers_is_named_as_such() {
    let (client, _server) = serve("HTTP/1.1 200 OK\r\nconnection: close\r\n\r\n<html>");
    let error = client.system().await.unwrap_err();
    assert!(error.to_string().contains("is it a Muster server"), "{error}");
}

#[tokio::test]
async fn an_answer_that_breaks_off_is_a_transport_error() {
    let (client, _server) = serve("HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n{");
    assert!(client.system().await.unwrap_err().is_unreachable());
}

#[tokio::test]
async fn a_check_is_heard_line_by_line() {
    let (client, server) = serve(concat!(
        "HTTP/1.1 200 OK\r\ncontent-type: application/x-ndjson\r\nconnection: close\r\n\r\n",
        r#"{"type":"progress","done":1,"total":2}"#,
        "\n",
        r#"{"type":"result","blocks":2,"logs":1,"points":7,"damagedParts":0,"damaged":[]}"#,
        "\n",
    ));
    let mut lines = Vec::new();
    client.verify_history(|line| lines.push(line)).await.unwrap();
    assert_eq!(lines[0], VerifyLine::Progress { done: 1, total: 2 });
    assert_eq!(lines[1], VerifyLine::Result { blocks: 2, logs: 1, points: 7, damaged_parts: 0, damaged: vec![] });
    assert!(server.join().unwrap().starts_with("POST /api/history/verify HTTP/1.1"));
}

#[tokio::test]
async fn half_a_file_is_not_taken_for_a_whole_one() {
    let (client, _server) =
        serve("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\nconnection: close\r\n\r\n5\r\ntime,\r\n");
    let mut download = client.export_history(&ExportQuery::default()).await.unwrap();
    assert_eq!(download.piece().await.unwrap().unwrap(), b"time,");
    assert!(download.piece().await.unwrap_err().is_unreachable());
}

#[tokio::test]
async fn a_refused_file_is_explained() {
    let (client, server) = serve(concat!(
        "HTTP/1.1 422 Unprocessable Content\r\ncontent-type: application/problem+json\r\nconnection: close\r\n\r\n",
        r#"{"type":"urn:muster:problem:invalid_value","title":"t","status":422,"code":"invalid_value","detail":"`line 3`: no","requestId":null}"#,
    ));
    let pieces = futures::stream::iter([Ok(b"time,metric,value\n".to_vec())]);
    let query = ImportQuery { resource: Some("agent-0123456789abcdef".into()) };
    let error = client.import_history(FileFormat::Csv, &query, pieces).await.unwrap_err();
    assert!(error.to_string().contains("line 3"), "{error}");
    let request = server.join().unwrap();
    assert!(request.starts_with("POST /api/history/import?resource=agent-0123456789abcdef HTTP/1.1"), "{request}");
    assert!(request.contains("content-type: text/csv"), "{request}");
}

#[tokio::test]
async fn redirects_are_not_followed() {
    // D-23: a token must not travel to where an answer points.
    let (client, _server) = serve("HTTP/1.1 302 Found\r\nlocation: http://127.0.0.1:1/\r\nconnection: close\r\n\r\n");
    assert!(matches!(client.system().await, Err(ClientError::Unexpected { status: 302, .. })));
}

#[tokio::test]
async fn nobody_there_is_said_plainly_and_without_the_token() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    drop(listener);
    let client = Client::new(&format!("http://{address}"), &SecretString::from(TOKEN)).unwrap();
    let error = client.system().await.unwrap_err();
    assert!(error.is_unreachable());
    assert!(error.to_string().contains(&address.to_string()), "{error}");
    assert!(!format!("{error:?} {client:?}").contains(TOKEN));
}

#[test]
fn addresses_are_checked_before_anything_is_sent() {
    for bad in ["", "localhost:8420", "ftp://host", "http://user:pass@host", "http://host/?token=x"] {
        let refused = Client::new(bad, &SecretString::from(TOKEN));
        assert!(matches!(refused, Err(InvalidAddress::Address(_))), "{bad}");
    }
    let refused = Client::new("http://host", &SecretString::from("line\nbreak"));
    assert!(matches!(refused, Err(InvalidAddress::Token)));
}
