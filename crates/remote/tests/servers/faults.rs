//! A server that misbehaves: what the client makes of it, and what shipping does about it.

use std::{ops::ControlFlow, sync::Arc, time::Duration};

use muster_model::{Metric, TenantId};
use muster_remote::{
    Batch, Credentials, Pace, Position, Question, Reader, Remote, RemoteError, Resources, Shipper, Shipping, Span,
    State, Status,
};
use muster_runtime::{Entropy, Shutdown, chain};

use crate::{
    clock::FastClock,
    fake::{Fake, Reply, reply},
    oracle::{Queue, series, vm},
    server::outbound,
};

const NOTHING: &str = r#"{"status":"success","data":{"resultType":"matrix","result":[]}}"#;

#[tokio::test]
async fn answers_that_are_no_answers_have_their_own_errors() {
    let broken_off = Reply::Bytes("HTTP/1.1 200 OK\r\ncontent-length: 500\r\n\r\n{\"status\":".into());
    let check = async |reply: Reply, kind: fn(&RemoteError) -> bool, words: &str| {
        let (fake, remote) = facing(&[reply]).await;
        let error = read(remote).await.unwrap_err();
        let text = chain(&error);
        assert!(kind(&error) && text.contains(words), "{text}");
        drop(fake);
    };
    let unreachable = |error: &RemoteError| matches!(error, RemoteError::Unreachable { .. });
    let malformed = |error: &RemoteError| matches!(error, RemoteError::Malformed { .. });
    let refused = |error: &RemoteError| matches!(error, RemoteError::Refused { .. });
    check(Reply::Silence, unreachable, "no whole answer").await;
    check(broken_off, unreachable, "no whole answer").await;
    check(reply("200 OK", "", "<html>welcome</html>"), malformed, "not of its protocol").await;
    check(reply("500 Oops", "", "a\u{7}b"), refused, "status 500: a b").await;
    check(reply("401 Unauthorized", "", ""), |e| matches!(e, RemoteError::Unauthorised { .. }), "credentials").await;
}

#[tokio::test]
async fn a_redirect_is_not_followed() {
    // D-23
    let elsewhere = Fake::start(&[reply("200 OK", "", NOTHING)]).await;
    let location = format!("location: {}\r\n", elsewhere.address);
    let fake = Fake::start(&[reply("302 Found", &location, "")]).await;
    let error = read(fake.remote()).await.unwrap_err();
    assert!(matches!(error, RemoteError::Refused { status: 302, .. }), "{error}");
    assert!(elsewhere.requests().is_empty());
}

#[tokio::test]
async fn credentials_reach_the_server_and_nobody_else() {
    let check = async |credentials: Credentials, header: &str| {
        let fake = Fake::start(&[reply("200 OK", "", NOTHING)]).await;
        let remote = Remote::new(&fake.settings(credentials), outbound(Remote::LIMITS.total)).unwrap();
        let shown = format!("{remote:?}");
        assert!(!shown.contains("s3cret"), "{shown}");
        assert!(read(remote).await.unwrap().is_continue());
        let head = fake.heads.lock().unwrap()[0].clone();
        assert!(head.lines().any(|line| line == header), "{head}");
    };
    check(Credentials::Bearer("s3cret".into()), "authorization: Bearer s3cret").await;
    let basic = Credentials::Basic { user: "muster".into(), password: "s3cret".into() };
    check(basic, "authorization: Basic bXVzdGVyOnMzY3JldA==").await;
    let unsendable = Fake::start(&[Reply::Silence]).await.settings(Credentials::Bearer("a\nb".into()));
    assert!(Remote::new(&unsendable, outbound(Remote::LIMITS.total)).is_err());
}

#[tokio::test]
async fn a_busy_server_is_left_alone_for_as_long_as_it_wants() {
    let wait = reply("429 Too Many Requests", "retry-after: 77\r\n", "slow down");
    let (fake, clock, _) =
        ship_until(&[reply("200 OK", "", NOTHING), wait, reply("204 No Content", "", ""), holding()], |status| {
            status.confirmed.is_some()
        })
        .await;
    assert!(clock.waits().contains(&Duration::from_secs(77)), "{:?}", clock.waits());
    // First a look, since nothing is known of before the start; the refused write is sent again without another.
    let (look, write) = ("POST /api/v1/query", "POST /api/v1/write");
    assert_eq!(fake.requests()[..4], [look, write, write, look]);
}

#[tokio::test]
async fn after_an_unknown_outcome_comes_a_look() {
    let (look, write) = ("POST /api/v1/query", "POST /api/v1/write");
    let nothing = || reply("200 OK", "", NOTHING);
    let check = async |failure: Reply| {
        let replies = [nothing(), failure, nothing(), reply("204 No Content", "", ""), holding()];
        let (fake, _, _) = ship_until(&replies, |status| status.confirmed.is_some()).await;
        assert_eq!(fake.requests()[..5], [look, write, look, write, look]);
    };
    check(reply("500 Oops", "", "")).await;
    check(Reply::Silence).await;
    check(Reply::Bytes("HTTP/1.1 2".into())).await;
}

#[tokio::test]
async fn a_refusal_that_needs_somebody_stops_shipping() {
    let refusal = reply("401 Unauthorized", "", "");
    let (_, clock, status) = ship_until(&[refusal], |status| matches!(status.state, State::Stopped { .. })).await;
    let State::Stopped { why } = status.state else { panic!("{status:?}") };
    assert!(why.contains("refuses our credentials"), "{why}");
    assert_eq!(status.confirmed, None);
    // The first wait is the one before the first look.
    assert!(clock.waits().iter().skip(1).all(|wait| *wait == Pace::default().stopped));
}

/// A server that answers so, and a client of it. Where it keeps silent, the client waits to the end of its patience; where
/// it does not, no slow machine is taken for silence.
async fn facing(replies: &[Reply]) -> (Fake, Remote) {
    let fake = Fake::start(replies).await;
    let keeps_silent = replies.iter().any(|reply| matches!(reply, Reply::Silence));
    let patience = if keeps_silent { Duration::from_secs(5) } else { Remote::LIMITS.total };
    let remote = Remote::new(&fake.settings(Credentials::None), outbound(patience)).unwrap();
    (fake, remote)
}

/// Ships two samples until the status is as wanted.
async fn ship_until(replies: &[Reply], done: impl Fn(&Status) -> bool) -> (Fake, FastClock, Status) {
    let (fake, remote) = facing(replies).await;
    let batch = Batch { position: Position(1), series: vec![series(Metric::Cpu, vm(0), 0, &[1.5, 2.5])] };
    let clock = FastClock::new(None);
    let shipper = Shipper::new(Pace::default(), Arc::new(Entropy::seeded(1)));
    let (shipping, mut status) = Shipping::new(Box::new(Queue::of(&[batch])), remote, shipper, Arc::new(clock.clone()));
    let shutdown = Shutdown::new();
    let end = async {
        let status = status.wait_for(|status| done(status)).await.unwrap().clone();
        shutdown.begin();
        status
    };
    let (status, ()) = tokio::join!(end, shipping.run(shutdown.clone()));
    (fake, clock, status)
}

/// The answer of a server that holds the two samples.
fn holding() -> Reply {
    let body = format!(
        r#"{{"status":"success","data":{{"resultType":"matrix","result":[{{"metric":{{"resource":"{}"}},"values":[[0,"1.5"],[10,"2.5"]]}}]}}}}"#,
        vm(0)
    );
    reply("200 OK", "", &body)
}

async fn read(remote: Remote) -> Result<ControlFlow<()>, RemoteError> {
    let (resources, span) = (Resources::These(vec![vm(0)]), Span { from_ms: 0, to_ms: 60_000 });
    let question = Question { tenant: TenantId::DEFAULT, metric: Metric::Cpu, resources, span };
    Reader::new(remote).raw(&question, |_| ControlFlow::Continue(())).await
}
