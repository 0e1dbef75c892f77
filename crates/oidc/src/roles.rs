//! From a provider's groups to a role of ours.

use std::collections::BTreeMap;

use muster_model::Role;

/// Which group makes which role. The most powerful wins; no group, no role.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RoleMapping(BTreeMap<String, Role>);

impl RoleMapping {
    /// A mapping of groups. A group that is named twice makes the more powerful role.
    pub fn new(groups: impl IntoIterator<Item = (String, Role)>) -> Self {
        let mut mapping = BTreeMap::new();
        for (group, role) in groups {
            let made = mapping.entry(group).or_insert(role);
            *made = (*made).max(role);
        }
        Self(mapping)
    }

    /// The role of somebody in these groups; `None` for somebody who is not let in.
    pub fn most_powerful(&self, groups: &[String]) -> Option<Role> {
        groups.iter().filter_map(|group| self.0.get(group)).copied().max()
    }

    /// Every group with its role, by name.
    pub fn iter(&self) -> impl Iterator<Item = (&str, Role)> {
        self.0.iter().map(|(group, role)| (group.as_str(), *role))
    }

    /// Whether nobody would be let in.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_most_powerful_role_wins_and_no_group_is_no_role() {
        let mapping = RoleMapping::new([
            ("staff".to_owned(), Role::Viewer),
            ("ops".to_owned(), Role::Operator),
            ("root".to_owned(), Role::Admin),
            ("ops".to_owned(), Role::Viewer),
        ]);
        let check = |groups: &[&str], expected| {
            let groups: Vec<String> = groups.iter().map(|group| (*group).to_owned()).collect();
            assert_eq!(mapping.most_powerful(&groups), expected, "{groups:?}");
        };
        check(&["staff"], Some(Role::Viewer));
        check(&["staff", "root", "ops"], Some(Role::Admin));
        check(&["ops", "other"], Some(Role::Operator));
        check(&["Staff", "other", ""], None);
        check(&[], None);
    }
}
