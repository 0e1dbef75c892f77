//! What was asked, how often, and how much at once.

use std::time::Duration;

use futures::future::join_all;
use muster_testkit::pve::{Credential, Fault, TOKEN, Where};

use crate::asker::{Asker, at_rest};

#[tokio::test]
async fn every_request_is_counted_by_its_call() {
    let (builder, _clock) = at_rest();
    let cluster = builder.start().await;
    let asker = Asker::of(&cluster, "pve1");
    asker.get("/nodes/pve2/status").await;
    asker.get("/nodes/pve3/status").await;
    asker.get("/nodes/pve9/status").await;
    asker.get("/no/such?thing=1").await;
    let counts = cluster.counts();
    assert_eq!((counts.requests, counts.connections), (4, 4));
    assert_eq!(cluster.asked("/nodes/{node}/status"), 3);
    assert_eq!(counts.by_status.into_iter().collect::<Vec<_>>(), [(200, 2), (500, 1), (501, 1)]);
    let last = cluster.requests().pop().unwrap();
    assert_eq!((last.entry.as_str(), last.method.as_str(), last.call, last.status), ("pve1", "GET", None, Some(501)));
    assert_eq!(
        (last.path.as_str(), last.credential),
        ("/api2/json/no/such?thing=1", Credential::Token(TOKEN.to_owned()))
    );
    cluster.forget_requests();
    assert_eq!((cluster.counts().requests, cluster.requests().len()), (0, 0));
}

#[tokio::test]
async fn what_runs_at_once_is_counted_by_node() {
    let (builder, clock) = at_rest();
    let cluster = builder.start().await;
    cluster.fail(Where::everywhere(), Fault::Slow { seconds: 5.0 });
    let (one, two) = (Asker::of(&cluster, "pve1"), Asker::of(&cluster, "pve2"));
    let asked =
        [(&one, "/nodes/pve3/status"), (&two, "/nodes/pve3/time"), (&one, "/nodes/pve2/time"), (&one, "/version")];
    let all = join_all(asked.map(|(asker, path)| asker.get(path)));
    let waking = async {
        while clock.sleepers() < 4 {
            tokio::task::yield_now().await;
        }
        clock.advance(Duration::from_secs(5));
    };
    futures::join!(all, waking);
    let counts = cluster.counts();
    let peak = |peaks: &std::collections::BTreeMap<String, u32>| peaks.clone().into_iter().collect::<Vec<_>>();
    let expected = |counts: [(&str, u32); 3]| counts.map(|(node, count)| (node.to_owned(), count)).to_vec();
    assert_eq!(peak(&counts.peak_by_node), expected([("pve1", 1), ("pve2", 1), ("pve3", 2)]));
    assert_eq!(peak(&counts.peak_by_entry), expected([("pve1", 3), ("pve2", 1), ("pve3", 0)])[..2]);
}
