//! Property strings: `first,key=value,key=value`.

/// The parts of a property string: the part that has no key, and the others by key. Of two equal keys the first counts.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Properties<'a> {
    /// The first part, where it has no key.
    pub(super) first: Option<&'a str>,
    pairs: Vec<(&'a str, &'a str)>,
}

impl<'a> Properties<'a> {
    /// Takes a text apart.
    pub(super) fn of(text: &'a str) -> Self {
        let mut properties = Self::default();
        for part in text.split(',').map(str::trim).filter(|part| !part.is_empty()) {
            match part.split_once('=') {
                Some((key, value)) => properties.pairs.push((key.trim(), value.trim())),
                None => properties.first = properties.first.or(Some(part)),
            }
        }
        properties
    }

    /// The value of a key, unless it is empty.
    pub(super) fn get(&self, key: &str) -> Option<&'a str> {
        self.pairs.iter().find(|(known, value)| *known == key && !value.is_empty()).map(|(_, value)| *value)
    }

    /// Whether a switch is on.
    pub(super) fn switch(&self, key: &str) -> Option<bool> {
        self.get(key).and_then(super::switch)
    }

    /// All pairs in their order.
    pub(super) fn pairs(&self) -> impl Iterator<Item = (&'a str, &'a str)> + '_ {
        self.pairs.iter().copied()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_taken_apart() {
        let properties = Properties::of("local:vm-1, size=32G ,trunks=10;20-30,empty=,size=1G,");
        assert_eq!(properties.first, Some("local:vm-1"));
        assert_eq!(properties.get("size"), Some("32G"));
        assert_eq!(properties.get("trunks"), Some("10;20-30"));
        assert_eq!(properties.get("empty"), None);
        assert_eq!(properties.get("local:vm-1"), None);
    }
}
