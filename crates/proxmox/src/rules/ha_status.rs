//! What a node's part in high availability is doing, by the sentence that the cluster has for it.

use smol_str::SmolStr;

use crate::wire::tasks::HaStatusRow;

/// The node and the word of a row that is about one: `pve1 (active, Mon Nov 16 12:00:00 2026)` is doing `active`.
pub(crate) fn agent(row: &HaStatusRow) -> Option<(SmolStr, SmolStr)> {
    let sentence = row.status.as_deref().filter(|_| row.kind == "lrm")?;
    let (_, words) = sentence.split_once('(')?;
    let word = words.split([',', ')']).next()?.trim();
    Some((row.node.clone()?, SmolStr::new(word))).filter(|(_, word)| !word.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_word_stands_in_brackets() {
        //
        let check = |kind: &str, status: &str, expected: Option<&str>| {
            let text = serde_json::json!({"type": kind, "node": "pve1", "status": status});
            let found = agent(&serde_json::from_value(text).unwrap());
            assert_eq!(found.as_ref().map(|(_, word)| word.as_str()), expected, "{status}");
        };
        check("lrm", "pve1 (active, Mon Nov 16 12:00:00 2026)", Some("active"));
        check("lrm", "pve1 (maintenance mode, watchdog active, Mon Nov 16)", Some("maintenance mode"));
        check("lrm", "unable to read lrm status", None);
        check("service", "vm:100 (pve1, started)", None);
    }
}
