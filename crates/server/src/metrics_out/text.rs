//! Prometheus' text format 0.0.4 and OpenMetrics 1.0: a family's head, its samples, escaping. It knows no metric.

use std::fmt::Write;

use super::family::Family;

/// Which of the two formats. They differ in how counters are announced and in how the text ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Format {
    Prometheus,
    OpenMetrics,
}

impl Format {
    /// The better of those that a client takes, by its `Accept` header.
    pub(crate) fn accepted(accept: Option<&str>) -> Self {
        let named = |range: &str| range.trim().to_ascii_lowercase().starts_with("application/openmetrics-text");
        if accept.unwrap_or_default().split(',').any(named) { Self::OpenMetrics } else { Self::Prometheus }
    }

    pub(crate) fn content_type(self) -> &'static str {
        match self {
            Self::Prometheus => "text/plain; version=0.0.4; charset=utf-8",
            Self::OpenMetrics => "application/openmetrics-text; version=1.0.0; charset=utf-8",
        }
    }
}

/// A text in one of the formats.
#[derive(Debug)]
pub(crate) struct Exposition {
    format: Format,
}

impl Exposition {
    pub(crate) fn new(format: Format) -> Self {
        Self { format }
    }

    /// Begins a family; its samples follow before another begins.
    pub(crate) fn begin(&mut self, family: &Family, out: &mut String) {
        let Family { name, kind, help, labels: _ } = family;
        let name = match self.format {
            Format::Prometheus => name,
            // So end the names of counters and of nothing else.
            Format::OpenMetrics => name.trim_end_matches("_total"),
        };
        writeln!(out, "# HELP {name} {help}\n# TYPE {name} {}", kind.as_str()).expect(INFALLIBLE);
    }

    /// Writes a sample of the family begun last. `suffix` is empty but for the parts of a histogram.
    pub(crate) fn sample(
        &mut self,
        (family, suffix): (&Family, &str),
        labels: &[(&str, &str)],
        value: f64,
        out: &mut String,
    ) {
        out.push_str(family.name);
        out.push_str(suffix);
        for (place, (label, text)) in labels.iter().enumerate() {
            out.push(if place == 0 { '{' } else { ',' });
            out.push_str(label);
            out.push_str("=\"");
            escape(text, out);
            out.push('"');
        }
        if !labels.is_empty() {
            out.push('}');
        }
        out.push(' ');
        number(value, out);
        out.push('\n');
    }

    /// Writes a histogram of the family begun last: counts by bucket, not cumulated, the last of which has no bound; how
    /// the bounds are written; the sum.
    pub(crate) fn histogram<'a>(
        &mut self,
        family: &Family,
        labels: &[(&str, &str)],
        (counts, bounds, sum): (&[u64], impl Iterator<Item = &'a str>, f64),
        out: &mut String,
    ) {
        let mut cumulated = 0;
        for (count, bound) in counts.iter().zip(bounds.chain(["+Inf"])) {
            cumulated += count;
            let labels: Vec<_> = labels.iter().copied().chain([("le", bound)]).collect();
            self.sample((family, "_bucket"), &labels, cumulated as f64, out);
        }
        self.sample((family, "_sum"), labels, sum, out);
        self.sample((family, "_count"), labels, cumulated as f64, out);
    }

    /// A family of one sample without labels; nothing where the value is not known.
    pub(crate) fn single(&mut self, family: &Family, value: Option<f64>, out: &mut String) {
        let Some(value) = value else { return };
        self.begin(family, out);
        self.sample((family, ""), &[], value, out);
    }

    /// Ends the text, so that half of it cannot pass for all of it.
    pub(crate) fn end(&mut self, out: &mut String) {
        match self.format {
            Format::OpenMetrics => out.push_str("# EOF\n"),
            Format::Prometheus => {}
        }
    }
}

const INFALLIBLE: &str = "writing to a text cannot fail";

fn number(value: f64, out: &mut String) {
    match value {
        value if value.is_nan() => out.push_str("NaN"),
        f64::INFINITY => out.push_str("+Inf"),
        f64::NEG_INFINITY => out.push_str("-Inf"),
        value => write!(out, "{value}").expect(INFALLIBLE),
    }
}

/// A label's value. Monitored systems call themselves what they like; control characters, which end a line or a text for
/// some readers, become a replacement character.
fn escape(text: &str, out: &mut String) {
    for c in text.chars() {
        match c {
            '\\' => out.push_str("\\\\"),
            '"' => out.push_str("\\\""),
            '\n' => out.push_str("\\n"),
            c if c.is_control() => out.push(char::REPLACEMENT_CHARACTER),
            c => out.push(c),
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{super::family::FamilyKind, *};

    const FAMILY: Family =
        Family { name: "muster_test_total", kind: FamilyKind::Counter, help: "A test.", labels: &["name"] };

    #[test]
    fn counters_are_announced_as_each_format_wants() {
        let head = |format| {
            let mut out = String::new();
            Exposition::new(format).begin(&FAMILY, &mut out);
            out
        };
        assert_eq!(head(Format::Prometheus), "# HELP muster_test_total A test.\n# TYPE muster_test_total counter\n");
        assert_eq!(head(Format::OpenMetrics), "# HELP muster_test A test.\n# TYPE muster_test counter\n");
    }

    #[test]
    fn a_scraper_gets_what_it_prefers() {
        let prometheus = "application/openmetrics-text;version=1.0.0;q=0.5,text/plain;version=0.0.4;q=0.2,*/*;q=0.1";
        assert_eq!(Format::accepted(Some(prometheus)), Format::OpenMetrics);
        assert_eq!(Format::accepted(Some("*/*")), Format::Prometheus);
        assert_eq!(Format::accepted(None), Format::Prometheus);
    }

    proptest! {
        #[test]
        fn no_name_leaves_its_quotation_marks(name in any::<String>()) {
            let mut out = String::new();
            Exposition::new(Format::Prometheus).sample((&FAMILY, ""), &[("name", &name)], 1.5, &mut out);
            prop_assert_eq!(out.lines().count(), 1, "{:?}", out);
            let inside = out.strip_prefix("muster_test_total{name=\"").unwrap().strip_suffix("\"} 1.5\n").unwrap();
            let expected: String =
                name.chars().map(|c| if c.is_control() && c != '\n' { char::REPLACEMENT_CHARACTER } else { c }).collect();
            prop_assert_eq!(unescape(inside), Some(expected));
        }

        #[test]
        fn numbers_are_read_as_they_were(value in any::<f64>()) {
            let mut out = String::new();
            number(value, &mut out);
            let read: f64 = out.parse().unwrap();
            prop_assert!(read == value || (read.is_nan() && value.is_nan()));
        }
    }

    /// As a scraper reads it; `None` where a quotation mark stands by itself.
    fn unescape(text: &str) -> Option<String> {
        let (mut out, mut chars) = (String::new(), text.chars());
        while let Some(c) = chars.next() {
            match c {
                '"' => return None,
                '\\' => match chars.next()? {
                    'n' => out.push('\n'),
                    c @ ('\\' | '"') => out.push(c),
                    _ => return None,
                },
                c => out.push(c),
            }
        }
        Some(out)
    }
}
