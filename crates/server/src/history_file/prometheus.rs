//! Prometheus' text format with timestamps: `name{labels} value milliseconds`, the lines of one metric together.
//!
//! Writes it as the format asks for, and reads what others write in it too. It decides nothing about names: the mapping
//! between metrics and names is the model's.

use std::{borrow::Cow, fmt::Write};

use muster_model::{Metric, Unit};

use super::entry::{Entry, Read, Subject};

/// Writes what comes before the lines of a metric.
pub(super) fn write_family(out: &mut String, metric: Metric) {
    let name = metric.exposition_name();
    let unit = match metric.unit() {
        Unit::Percent => "in percent",
        Unit::Bytes => "in bytes",
        Unit::BytesPerSecond => "in bytes a second",
        Unit::Celsius => "in degrees Celsius",
        Unit::Number => "as a number",
        Unit::Hours => "in hours",
    };
    writeln!(out, "# HELP {name} Metric {metric}, {unit}.\n# TYPE {name} gauge")
        .expect("writing to a text cannot fail");
}

/// What the lines of one series begin with.
pub(super) fn prefix(metric: Metric, subject: &Subject) -> String {
    let Subject { id, name } = subject;
    let mut prefix = format!("{}{{resource=\"{id}\",kind=\"{}\"", metric.exposition_name(), id.kind());
    if let Some(name) = name {
        prefix.push_str(",name=\"");
        escape(&mut prefix, name);
        prefix.push('"');
    }
    prefix.push('}');
    prefix
}

/// Writes one line.
pub(super) fn write_entry(out: &mut String, prefix: &str, entry: &Entry) {
    let Entry { at, value, bucket: _ } = entry;
    writeln!(out, "{prefix} {value} {}", at.as_millisecond()).expect("writing to a text cannot fail");
}

fn escape(out: &mut String, text: &str) {
    for c in text.chars() {
        match c {
            '\\' => out.push_str("\\\\"),
            '"' => out.push_str("\\\""),
            '\n' => out.push_str("\\n"),
            c => out.push(c),
        }
    }
}

/// Reads one line; `None` for a comment or an empty line.
pub(super) fn read(line: &str) -> Result<Option<Read<'_>>, String> {
    let line = line.trim();
    if line.is_empty() || line.starts_with('#') {
        return Ok(None);
    }
    let end = line.find(['{', ' ', '\t']).ok_or("expected a name, labels, a value and a timestamp")?;
    let (metric, rest) = line.split_at(end);
    let (resource, rest) = match rest.strip_prefix('{') {
        Some(labels) => labelled(labels)?,
        None => (None, rest),
    };
    let mut words = rest.split_ascii_whitespace();
    let value = words.next().ok_or("expected a value after the name")?;
    let value = value.parse().map_err(|_| format!("`{}` is no number", shown(value)))?;
    let at = words.next().ok_or("expected a timestamp in milliseconds after the value")?;
    let at_ms = at.parse().map_err(|_| format!("`{}` is no timestamp in milliseconds", shown(at)))?;
    if words.next().is_some() {
        return Err("expected nothing after the timestamp".to_owned());
    }
    Ok(Some(Read { resource: resource.unwrap_or_default(), metric, at_ms, value }))
}

/// Reads labels up to the closing brace: the value of `resource`, and what follows the brace.
fn labelled(mut rest: &str) -> Result<(Option<Cow<'_, str>>, &str), String> {
    const SHAPE: &str = "expected labels such as {resource=\"agent-0123456789abcdef\"}";
    let mut resource = None;
    loop {
        rest = rest.trim_start_matches([' ', ',', '\t']);
        if let Some(after) = rest.strip_prefix('}') {
            return Ok((resource, after));
        }
        let (name, after) = rest.split_once('=').ok_or(SHAPE)?;
        let quoted = after.trim_start().strip_prefix('"').ok_or(SHAPE)?;
        let (value, after) = quoted_value(quoted).ok_or(SHAPE)?;
        if name.trim() == "resource" {
            resource = Some(value);
        }
        rest = after;
    }
}

/// The text up to the closing quotation mark, and what follows it.
fn quoted_value(text: &str) -> Option<(Cow<'_, str>, &str)> {
    let mut value = String::new();
    let mut chars = text.char_indices();
    while let Some((at, c)) = chars.next() {
        match c {
            '"' if value.len() == at => return Some((Cow::Borrowed(&text[..at]), &text[at + 1..])),
            '"' => return Some((Cow::Owned(value), &text[at + 1..])),
            '\\' => value.push(match chars.next()?.1 {
                'n' => '\n',
                other => other,
            }),
            c => value.push(c),
        }
    }
    None
}

/// The beginning of a word, for a message.
pub(super) fn shown(word: &str) -> String {
    word.chars().take(80).collect()
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;
    use muster_model::{ResourceId, ResourceKind};
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn a_line_is_read_as_it_was_written(name: String, value in -1e300..1e300f64, at_ms in -1_000_000_000_000..4_000_000_000_000i64) {
            let id = ResourceId::mint(ResourceKind::Agent, "x");
            let subject = Subject { id, name: Some(name.replace('\r', " ")) };
            let mut line = String::new();
            let at = Timestamp::from_millisecond(at_ms).unwrap();
            write_entry(&mut line, &prefix(Metric::NetIn, &subject), &Entry { at, value, bucket: None });
            prop_assert_eq!(line.lines().count(), 1);
            let read = read(&line).unwrap().unwrap();
            prop_assert_eq!(read, Read { resource: id.to_string().into(), metric: "muster_netin_bytes_per_second", at_ms, value });
        }

        #[test]
        fn no_line_is_too_strange(line: String) {
            let _ = read(&line);
        }
    }

    #[test]
    fn lines_of_others_are_read() {
        let check = |line: &str, resource: &str, at_ms| {
            let read = read(line).unwrap().unwrap();
            assert_eq!((&*read.resource, read.at_ms), (resource, at_ms), "{line}");
        };
        check("muster_cpu_percent 1 5", "", 5);
        check("muster_cpu_percent{} 1e3 5", "", 5);
        check(r#"muster_cpu_percent{ a = "}\"", resource="x" , } NaN -5"#, "x", -5);
        assert_eq!(read("# TYPE a gauge"), Ok(None));
        assert_eq!(read("  "), Ok(None));
        for bad in ["a", "a 1", "a x 5", "a 1 5 6", "a{b} 1 5", "a{b=\"c} 1 5", "a 1 5.5"] {
            assert!(read(bad).is_err(), "{bad}");
        }
    }
}
