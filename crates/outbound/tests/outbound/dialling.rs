//! Names: looked up once for each connection, judged, and dialled at what was found.

use std::process::Command;

use crate::harness::{Fake, Names, get, ok, outbound, refusal};

const METADATA: &str = "169.254.169.254";

#[tokio::test]
async fn a_name_leads_where_its_one_lookup_says() {
    // D-23
    let (fake, names) = (Fake::start(ok("here")).await, Names::default().with("tsdb.lan", &[&["127.0.0.1"]]));
    let url = format!("http://tsdb.lan:{}/", fake.address.port());
    assert_eq!(get(&outbound(0, &names), &url).await.unwrap(), "here");
    assert_eq!(names.asked(), 1);
    assert!(fake.heads()[0].contains(&format!("host: tsdb.lan:{}", fake.address.port())), "{:?}", fake.heads());
}

#[tokio::test]
async fn a_name_that_changes_its_answer_gains_nothing() {
    // D-23: DNS rebinding.
    let names = Names::default().with("evil.example", &[&["127.0.0.1"], &[METADATA]]);
    let (fake, outbound) = (Fake::start(ok("here")).await, outbound(0, &names));
    let url = format!("http://evil.example:{}/", fake.address.port());
    assert_eq!(get(&outbound, &url).await.unwrap(), "here");
    let why = refusal(&outbound, &url).await;
    assert!(why.contains("evil.example has no address that may be dialled"), "{why}");
    assert_eq!((fake.heads().len(), names.asked()), (1, 2));
}

#[tokio::test]
async fn of_several_addresses_only_the_allowed_ones_are_dialled() {
    // D-23
    let names = Names::default()
        .with("half.example", &[&[METADATA, "fe80::1", "127.0.0.1"]])
        .with("none.example", &[&[METADATA, "::ffff:169.254.169.254", "64:ff9b::a9fe:a9fe", "0.0.0.0"]]);
    let (fake, outbound) = (Fake::start(ok("here")).await, outbound(0, &names));
    let port = fake.address.port();
    assert_eq!(get(&outbound, &format!("http://half.example:{port}/")).await.unwrap(), "here");
    let why = refusal(&outbound, &format!("http://none.example:{port}/")).await;
    assert!(why.contains("no address that may be dialled"), "{why}");
}

/// Set in the process that is to have a proxy.
const AGAIN: &str = "MUSTER_TEST_FAKE";

#[tokio::test]
async fn proxy_variables_are_ignored() {
    // D-23. The variables are those of a process, so that another one asks.
    if let Ok(url) = std::env::var(AGAIN) {
        assert_eq!(get(&outbound(0, &Names::default()), &url).await.unwrap(), "here");
        return;
    }
    let (fake, proxy) = (Fake::start(ok("here")).await, Fake::start(ok("the proxy")).await);
    let mut again = Command::new(std::env::current_exe().unwrap());
    again.args(["--exact", "dialling::proxy_variables_are_ignored"]).env(AGAIN, fake.url());
    for variable in ["http_proxy", "HTTP_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"] {
        again.env(variable, proxy.url());
    }
    let output = tokio::task::spawn_blocking(move || again.output().unwrap()).await.unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stdout));
    assert_eq!((fake.heads().len(), proxy.heads().len()), (1, 0));
}
