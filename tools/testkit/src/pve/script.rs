//! A scenario: what happens when, counted from its start.
//!
//! Tests make one in code, the program reads one from a file:
//!
//! ```toml
//! [[step]]
//! at = 30
//! do = "migrate"
//! guest = 100
//! to = "pve2"
//! ```

use serde::Deserialize;

use super::action::Action;

/// One step of a scenario.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub struct Step {
    /// Seconds after the start.
    pub at: f64,
    /// What happens.
    #[serde(flatten)]
    pub action: Action,
}

/// A scenario.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Script {
    /// Its steps, in any order; those of the same time happen in the order of the list.
    #[serde(default, rename = "step")]
    pub steps: Vec<Step>,
}

/// Why a text is no scenario.
#[derive(Debug, thiserror::Error)]
pub enum InvalidScript {
    /// It is not written as one.
    #[error("reading a scenario")]
    Syntax(#[from] toml::de::Error),
    /// A step has no time, or one that cannot be waited for.
    #[error("step {number} is at {at} s; a time counts from 0")]
    Time {
        /// Which one, from 1.
        number: usize,
        /// What stands there.
        at: f64,
    },
}

impl Script {
    /// Reads a scenario.
    ///
    /// # Errors
    /// When it is none.
    pub fn parse(text: &str) -> Result<Self, InvalidScript> {
        let script: Self = toml::from_str(text)?;
        let odd = script.steps.iter().zip(1..).find(|(step, _)| !step.at.is_finite() || step.at < 0.0);
        match odd {
            Some((step, number)) => Err(InvalidScript::Time { number, at: step.at }),
            None => Ok(script),
        }
    }

    /// With one step more.
    #[must_use]
    pub fn then(mut self, at: f64, action: Action) -> Self {
        self.steps.push(Step { at, action });
        self
    }

    /// The steps in the order in which they happen.
    pub(super) fn in_order(mut self) -> Vec<Step> {
        self.steps.sort_by(|one, other| one.at.total_cmp(&other.at));
        self.steps
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pve::{Fault, Where};

    #[test]
    fn a_file_names_steps() {
        let text = r#"
            step = [
                { at = 90, do = "migrate", guest = 100, to = "pve2" },
                { at = 30.5, do = "fail", place = { node = "pve1" }, fault = { kind = "slow", seconds = 5.0 } },
            ]
        "#;
        let steps = Script::parse(text).unwrap().in_order();
        let fault = Fault::Slow { seconds: 5.0 };
        assert_eq!(steps[0], Step { at: 30.5, action: Action::Fail { place: Where::node("pve1"), fault } });
        assert_eq!(steps[1].action, Action::Migrate { guest: 100, to: "pve2".to_owned() });
    }

    #[test]
    fn what_is_no_step_is_refused() {
        let check = |text: &str| assert!(Script::parse(text).is_err(), "{text}");
        check("step = [{ do = \"quorum\", quorate = false }]");
        check("step = [{ at = 1, do = \"explode\" }]");
        check("step = [{ at = 1, do = \"start\", guest = 100, node = \"pve1\" }]");
        check("steps = []");
    }

    #[test]
    fn no_step_is_before_the_start() {
        let text = "step = [{ at = -1, do = \"quorum\", quorate = false }]";
        assert_eq!(Script::parse(text).unwrap_err().to_string(), "step 1 is at -1 s; a time counts from 0");
    }
}
