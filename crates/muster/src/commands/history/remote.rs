//! How shipping to a remote store goes, in one line for people.

use jiff::Timestamp;
use muster_api::history_stats::{RemoteHealth, ShippingState};

use crate::{commands::resources::ago, output};

/// One line, without what its line is called.
pub(crate) fn line(remote: Option<&RemoteHealth>, now: Timestamp) -> String {
    let Some(remote) = remote else { return "none".to_owned() };
    let RemoteHealth { state, detail, confirmed_at, shipped, refused, not_kept, not_a_number } = remote;
    let state = match state {
        ShippingState::Idle => "has everything so far",
        ShippingState::Sending => "takes samples",
        ShippingState::Retrying => "is waited for",
        ShippingState::Stopped => "needs your help",
    };
    let left_out = [(refused, "refused by it"), (not_kept, "not kept by it"), (not_a_number, "without a number")];
    let left_out = left_out.into_iter().filter(|(count, _)| **count > 0).map(|(count, why)| format!(", {count} {why}"));
    let last = confirmed_at.map_or_else(String::new, |at| format!(", the last {}", ago(at, now)));
    let why = detail.as_ref().map_or_else(String::new, |why| format!(": {why}"));
    let shipped = output::count(*shipped, "sample");
    format!("{state}; {shipped} confirmed since the start{last}{}{why}", left_out.collect::<String>())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_matters_is_said() {
        let quiet = RemoteHealth {
            state: ShippingState::Idle,
            detail: None,
            confirmed_at: None,
            shipped: 0,
            refused: 0,
            not_kept: 0,
            not_a_number: 0,
        };
        let now: Timestamp = "2026-11-21T10:00:00Z".parse().unwrap();
        let check = |remote: Option<RemoteHealth>, expected: &str| assert_eq!(line(remote.as_ref(), now), expected);
        check(None, "none");
        check(Some(quiet.clone()), "has everything so far; 0 samples confirmed since the start");
        let busy = RemoteHealth {
            state: ShippingState::Stopped,
            detail: Some("bad token".into()),
            confirmed_at: "2026-11-21T09:59:30Z".parse().ok(),
            shipped: 70,
            refused: 3,
            ..quiet
        };
        let line =
            "needs your help; 70 samples confirmed since the start, the last 30 s ago, 3 refused by it: bad token";
        check(Some(busy), line);
    }
}
