//! What can go wrong between the simulator and whoever asks, and where.

use serde::Deserialize;

/// What happens instead of, or to, an answer.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
pub enum Fault {
    /// The answer comes late. A forwarded request ends with 596 after 30 s, as the vendor's does.
    Slow {
        /// Seconds of the simulator's clock.
        seconds: f64,
    },
    /// No answer ever comes.
    Hang,
    /// The whole length is announced, half of it is sent, the connection ends.
    Truncated,
    /// A list that is sent for ever.
    NeverEnding,
    /// A valid answer of about this many bytes.
    Huge {
        /// Bytes of the body.
        bytes: u64,
    },
    /// A small compressed body that becomes this large.
    Bomb {
        /// Bytes when unpacked.
        bytes: u64,
    },
    /// 200 with a page for people.
    Html,
    /// 200 with this body.
    Body {
        /// The body, word for word.
        text: String,
    },
    /// A status with a reason phrase and no message in the body.
    Status {
        /// The status, 595 to 599 included.
        code: u16,
        /// The reason phrase.
        reason: String,
    },
    /// The connection is reset without an answer.
    Reset,
    /// The connection is closed without an answer.
    Close,
}

/// Which requests a fault meets: those to which every given part applies.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Where {
    /// The node whose address was dialled.
    pub entry: Option<String>,
    /// The node that stands in the path.
    pub node: Option<String>,
    /// A path below `/api2/json` without its query; `*` stands for one segment and `**` at the end for any rest.
    pub path: Option<String>,
    /// How many requests it meets before it is over. Without a number it stays.
    pub times: Option<u32>,
}

impl Where {
    /// Everything.
    pub fn everywhere() -> Self {
        Self::default()
    }

    /// What is asked at the address of a node.
    pub fn entry(node: &str) -> Self {
        Self { entry: Some(node.to_owned()), ..Self::default() }
    }

    /// What a node must answer, whichever address was asked.
    pub fn node(node: &str) -> Self {
        Self { node: Some(node.to_owned()), ..Self::default() }
    }

    /// What is asked for by a path, such as `/nodes/*/disks/**`.
    pub fn path(path: &str) -> Self {
        Self { path: Some(path.to_owned()), ..Self::default() }
    }

    /// The same for a number of requests only.
    #[must_use]
    pub fn times(self, times: u32) -> Self {
        Self { times: Some(times), ..self }
    }

    pub(super) fn meets(&self, entry: &str, node: Option<&str>, path: &str) -> bool {
        self.entry.as_deref().is_none_or(|wanted| wanted == entry)
            && self.node.as_deref().is_none_or(|wanted| Some(wanted) == node)
            && self.path.as_deref().is_none_or(|wanted| matches(wanted, path))
    }
}

/// The faults in force, the youngest first.
#[derive(Debug, Default)]
pub(super) struct Faults(Vec<(Where, Fault)>);

impl Faults {
    pub(super) fn add(&mut self, place: Where, fault: Fault) {
        self.0.insert(0, (place, fault));
    }

    pub(super) fn heal(&mut self, place: &Where) {
        self.0
            .retain(|(other, _)| (&other.entry, &other.node, &other.path) != (&place.entry, &place.node, &place.path));
    }

    pub(super) fn clear(&mut self) {
        self.0.clear();
    }

    /// The fault that a request meets.
    pub(super) fn meet(&mut self, entry: &str, node: Option<&str>, path: &str) -> Option<Fault> {
        let position = self.0.iter().position(|(place, _)| place.meets(entry, node, path))?;
        let (place, fault) = &mut self.0[position];
        let fault = fault.clone();
        if let Some(times) = &mut place.times {
            *times = times.saturating_sub(1);
            if *times == 0 {
                self.0.remove(position);
            }
        }
        Some(fault)
    }
}

fn matches(pattern: &str, path: &str) -> bool {
    let (mut pattern, mut path) = (pattern.split('/'), path.split('/'));
    loop {
        match (pattern.next(), path.next()) {
            (Some("**"), _) | (None, None) => return true,
            (Some("*"), Some(_)) => {}
            (Some(wanted), Some(given)) if wanted == given => {}
            (Some(_) | None, Some(_)) | (Some(_), None) => return false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_star_is_one_segment_and_two_are_the_rest() {
        let check = |pattern, path, expected| assert_eq!(matches(pattern, path), expected, "{pattern} {path}");
        check("/nodes/*/status", "/nodes/pve1/status", true);
        check("/nodes/*/status", "/nodes/pve1/disks/list", false);
        check("/nodes/*/disks/**", "/nodes/pve1/disks/list", true);
        check("/nodes/**", "/nodes", true);
        check("/nodes", "/nodes/pve1", false);
        check("/cluster/resources", "/cluster/resources", true);
    }

    #[test]
    fn the_youngest_fault_is_met_until_its_number_is_used_up() {
        let mut faults = Faults::default();
        faults.add(Where::everywhere(), Fault::Html);
        faults.add(Where::node("pve2").times(1), Fault::Reset);
        assert_eq!(faults.meet("pve1", Some("pve2"), "/nodes/pve2/status"), Some(Fault::Reset));
        assert_eq!(faults.meet("pve1", Some("pve2"), "/nodes/pve2/status"), Some(Fault::Html));
        faults.heal(&Where::everywhere());
        assert_eq!(faults.meet("pve1", None, "/version"), None);
    }
}
