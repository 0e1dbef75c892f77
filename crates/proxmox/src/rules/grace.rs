//! A node that goes offline stays as it was for a while: most such moments pass.

use std::collections::HashMap;

use jiff::{SignedDuration, Timestamp};
use muster_model::{Status, StatusDomain};
use smol_str::SmolStr;

const GRACE: SignedDuration = SignedDuration::from_secs(60);

/// When each node was last seen online.
#[derive(Debug, Default)]
pub(crate) struct Grace {
    online: HashMap<SmolStr, Timestamp>,
}

impl Grace {
    /// The status to show for a node that the platform calls this.
    pub(crate) fn status(&mut self, node: &SmolStr, word: Option<&str>, now: Timestamp) -> Status {
        let said = word.map_or(Status::Unknown, |word| Status::from_word(StatusDomain::Generic, word));
        match said {
            Status::Online | Status::Warning => {
                self.online.insert(node.clone(), now);
                said
            }
            Status::Offline | Status::Unknown if self.is_held(node, now) => Status::Online,
            Status::Offline | Status::Unknown => said,
        }
    }

    fn is_held(&self, node: &SmolStr, now: Timestamp) -> bool {
        self.online.get(node).is_some_and(|seen| now.duration_since(*seen) < GRACE)
    }

    /// Forgets nodes that are gone.
    pub(crate) fn retain(&mut self, keep: impl Fn(&SmolStr) -> bool) {
        self.online.retain(|node, _| keep(node));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_node_is_held_for_a_minute() {
        //
        let mut grace = Grace::default();
        let node = SmolStr::new("pve1");
        assert_eq!(grace.status(&node, Some("online"), at(0)), Status::Online);
        assert_eq!(grace.status(&node, Some("offline"), at(59)), Status::Online);
        assert_eq!(grace.status(&node, Some("offline"), at(61)), Status::Offline);
        assert_eq!(grace.status(&node, Some("online"), at(70)), Status::Online);
        assert_eq!(grace.status(&node, Some("unknown"), at(131)), Status::Unknown);
    }

    #[test]
    fn a_node_never_seen_online_has_no_grace() {
        //
        let mut grace = Grace::default();
        assert_eq!(grace.status(&"pve1".into(), Some("offline"), at(0)), Status::Offline);
        assert_eq!(grace.status(&"pve1".into(), None, at(0)), Status::Unknown);
    }

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }
}
