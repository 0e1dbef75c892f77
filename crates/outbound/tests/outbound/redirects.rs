//! Redirects: off unless asked for, judged, counted, and told no secrets.

use muster_outbound::{OutboundError, Request};
use reqwest::header::{ACCEPT, AUTHORIZATION, HeaderValue};

use crate::harness::{Fake, Names, get, ok, outbound, redirect, refusal};

#[tokio::test]
async fn a_redirect_is_an_answer_unless_asked_for() {
    // D-23
    let elsewhere = Fake::start(ok("elsewhere")).await;
    let fake = Fake::start(redirect(302, &elsewhere.url())).await;
    let answer = outbound(0, &Names::default()).send(Request::get(fake.url().parse().unwrap())).await.unwrap();
    assert_eq!((answer.status().as_u16(), elsewhere.heads().len()), (302, 0));
    let answer = outbound(3, &Names::default()).send(Request::post(fake.url().parse().unwrap(), vec![1])).await;
    assert_eq!((answer.unwrap().status().as_u16(), elsewhere.heads().len()), (302, 0), "a write is not sent twice");
    assert_eq!(get(&outbound(1, &Names::default()), &fake.url()).await.unwrap(), "elsewhere");
}

#[tokio::test]
async fn a_redirect_to_what_may_not_be_dialled_is_refused() {
    // D-23
    let names = Names::default().with("metadata.example", &[&["169.254.169.254"]]);
    for location in
        ["http://169.254.169.254/latest/", "http://2852039166/", "//[::ffff:a9fe:a9fe]/", "file:///etc/passwd"]
    {
        let fake = Fake::start(redirect(302, location)).await;
        let error = get(&outbound(5, &names), &fake.url()).await.unwrap_err();
        assert!(matches!(error, OutboundError::Redirect { .. }), "{location}: {error}");
    }
    let fake = Fake::start(redirect(307, "http://metadata.example/")).await;
    let why = refusal(&outbound(5, &names), &fake.url()).await;
    assert!(why.contains("metadata.example has no address that may be dialled"), "{why}");
}

#[tokio::test]
async fn redirects_are_counted() {
    let fake = Fake::start(redirect(302, "/again")).await;
    let error = get(&outbound(3, &Names::default()), &fake.url()).await.unwrap_err();
    assert!(matches!(error, OutboundError::TooManyRedirects { most: 3, .. }), "{error}");
    assert_eq!(fake.heads().len(), 4);
}

#[tokio::test]
async fn another_origin_is_told_no_secret() {
    let elsewhere = Fake::start(ok("elsewhere")).await;
    let fake = Fake::start(redirect(302, &elsewhere.url())).await;
    let request = Request::get(fake.url().parse().unwrap())
        .header(AUTHORIZATION, HeaderValue::from_static("Bearer s3cret"))
        .header(ACCEPT, HeaderValue::from_static("application/json"));
    outbound(1, &Names::default()).send(request).await.unwrap();
    assert!(fake.heads()[0].contains("authorization: Bearer s3cret"));
    let told = elsewhere.heads()[0].clone();
    assert!(!told.contains("s3cret") && told.contains("accept: application/json"), "{told}");
}
