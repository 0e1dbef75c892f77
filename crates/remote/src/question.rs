//! What is asked of the remote store: the raw samples of one metric in one span, as a range-vector instant query.
//!
//! A range vector is the one thing in the query language that returns samples as they were written: no steps, no
//! interpolation, no look-back. Used by the reader and by the shipper's audit.

use muster_model::{Metric, ResourceId, TenantId};

use crate::labels::{RESOURCE_LABEL, TENANT_LABEL};

/// A span of time: from, and up to but not including, in ms since 1970.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Span {
    /// The first moment.
    pub from_ms: i64,
    /// The first moment after it.
    pub to_ms: i64,
}

impl Span {
    /// Whether a moment lies within.
    pub fn contains(self, at_ms: i64) -> bool {
        (self.from_ms..self.to_ms).contains(&at_ms)
    }

    /// How long it is, in ms; never below 0.
    pub fn length_ms(self) -> i64 {
        self.to_ms.saturating_sub(self.from_ms).max(0)
    }

    /// The earlier and the later half, unless it is too short to be cut.
    pub(crate) fn halves(self) -> Option<(Self, Self)> {
        (self.length_ms() >= 2).then(|| self.cut_after(self.length_ms() / 2))
    }

    /// At most the given length of it, and the rest.
    pub(crate) fn cut_after(self, length_ms: i64) -> (Self, Self) {
        let middle = self.from_ms + length_ms.min(self.length_ms());
        (Self { to_ms: middle, ..self }, Self { from_ms: middle, ..self })
    }
}

/// Which resources a question is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Resources {
    /// All that have the metric.
    All,
    /// These; none means that nothing is asked.
    These(Vec<ResourceId>),
}

/// What is asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Question {
    /// Whose samples.
    pub tenant: TenantId,
    /// Which metric.
    pub metric: Metric,
    /// Of what.
    pub resources: Resources,
    /// When.
    pub span: Span,
}

impl Question {
    /// The query's text and its evaluation time. Servers differ on whether a range's lower end belongs to it, so the
    /// range reaches one ms below the span, and what is outside is dropped when it is read.
    pub(crate) fn promql(&self) -> (String, String) {
        let name = self.metric.exposition_name();
        let mut query = format!("{name}{{{TENANT_LABEL}=\"{}\"", self.tenant);
        if let Resources::These(ids) = &self.resources {
            // Ids are letters, digits, `-` and `_`: nothing that a regular expression would understand otherwise.
            let ids: Vec<String> = ids.iter().map(ResourceId::to_string).collect();
            query.push_str(&format!(",{RESOURCE_LABEL}=~\"{}\"", ids.join("|")));
        }
        query.push_str(&format!("}}[{}ms]", self.span.length_ms()));
        (query, seconds(self.span.to_ms - 1))
    }
}

/// Seconds with three decimals: exact, where a float would be exact only nearly.
fn seconds(ms: i64) -> String {
    let sign = if ms < 0 { "-" } else { "" };
    let ms = ms.unsigned_abs();
    format!("{sign}{}.{:03}", ms / 1000, ms % 1000)
}

#[cfg(test)]
mod tests {
    use muster_model::ResourceKind;

    use super::*;

    #[test]
    fn a_question_in_the_query_language() {
        let span = Span { from_ms: 1_000, to_ms: 61_005 };
        let mut question = Question { tenant: TenantId::DEFAULT, metric: Metric::Cpu, resources: Resources::All, span };
        let all = "muster_cpu_percent{tenant=\"default\"}[60005ms]".to_owned();
        assert_eq!(question.promql(), (all, "61.004".to_owned()));
        let ids = ["a", "b"].map(|text| ResourceId::mint(ResourceKind::Vm, text));
        question.resources = Resources::These(ids.to_vec());
        let [a, b] = ids;
        let two = format!("muster_cpu_percent{{tenant=\"default\",resource=~\"{a}|{b}\"}}[60005ms]");
        assert_eq!(question.promql().0, two);
    }

    #[test]
    fn seconds_are_exact() {
        let check = |ms, text: &str| assert_eq!(seconds(ms), text);
        check(0, "0.000");
        check(1_795_262_675_123, "1795262675.123");
        check(-1, "-0.001");
    }

    #[test]
    fn halves_meet_in_the_middle() {
        let span = Span { from_ms: 10, to_ms: 13 };
        assert_eq!(span.halves(), Some((Span { from_ms: 10, to_ms: 11 }, Span { from_ms: 11, to_ms: 13 })));
        assert_eq!(Span { from_ms: 10, to_ms: 11 }.halves(), None);
        assert_eq!(Span { from_ms: 10, to_ms: 5 }.length_ms(), 0);
    }
}
