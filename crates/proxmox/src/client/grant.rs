//! Which command grants a right, for people to copy into a shell of a node.
//!
//! A token with a separate set of permissions (the default) may only what both its user and it were granted, so that each
//! command names both.

use muster_collect::Auth;

/// Privileges that the read-only role of the platform has in every version that knows them.
const AUDITOR: [&str; 7] =
    ["Sys.Audit", "VM.Audit", "Datastore.Audit", "Pool.Audit", "SDN.Audit", "Mapping.Audit", "VM.GuestAgent.Audit"];

/// Who we are, for messages and commands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Who(pub(crate) Auth);

impl Who {
    /// User, or user and token.
    pub(crate) fn name(&self) -> String {
        match &self.0 {
            Auth::Token { user, token } => format!("the token {user}!{token}"),
            Auth::Password { user } => format!("the user {user}"),
        }
    }

    fn arguments(&self) -> String {
        match &self.0 {
            Auth::Token { user, token } => {
                format!("--users {} --tokens {}", quoted(user), quoted(&format!("{user}!{token}")))
            }
            Auth::Password { user } => format!("--users {}", quoted(user)),
        }
    }
}

/// The command that grants a privilege. What the read-only role has is granted once for all, as the guide recommends;
/// anything else by a role of its own on the path that needs it.
pub(crate) fn grant(who: &Who, path: &str, privilege: &str) -> String {
    let arguments = who.arguments();
    if AUDITOR.contains(&privilege) {
        return format!("pveum acl modify / {arguments} --roles PVEAuditor");
    }
    let role = format!("Muster-{}", privilege.replace('.', "-"));
    let path = quoted(broad(path));
    format!(
        "pveum role add {} --privs {}; pveum acl modify {path} {arguments} --roles {}",
        quoted(&role),
        quoted(privilege),
        quoted(&role)
    )
}

/// Rights on single guests, nodes and storages are granted for all of them.
fn broad(path: &str) -> &str {
    ["/vms", "/nodes", "/storage"].into_iter().find(|root| path.starts_with(root)).unwrap_or(path)
}

/// A word of a shell.
fn quoted(word: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_./@".contains(c);
    if !word.is_empty() && word.chars().all(plain) {
        word.to_owned()
    } else {
        format!("'{}'", word.replace('\'', r"'\''"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn commands_name_user_and_token() {
        let token = Who(Auth::Token { user: "monitor@pve".into(), token: "muster".into() });
        let user = Who(Auth::Password { user: "monitor@pve".into() });
        let check = |who, path, privilege, command: &str| assert_eq!(grant(who, path, privilege), command);
        check(
            &token,
            "/nodes/pve",
            "Sys.Audit",
            "pveum acl modify / --users monitor@pve --tokens 'monitor@pve!muster' --roles PVEAuditor",
        );
        check(&user, "/vms/100", "VM.GuestAgent.Audit", "pveum acl modify / --users monitor@pve --roles PVEAuditor");
        check(
            &token,
            "/vms/100",
            "VM.Monitor",
            "pveum role add Muster-VM-Monitor --privs VM.Monitor; \
             pveum acl modify /vms --users monitor@pve --tokens 'monitor@pve!muster' --roles Muster-VM-Monitor",
        );
    }

    #[test]
    fn a_name_is_one_word_of_the_shell() {
        let who = Who(Auth::Password { user: "a'; rm -rf / #@pve".into() });
        assert_eq!(
            grant(&who, "/", "VM.Audit"),
            r"pveum acl modify / --users 'a'\''; rm -rf / #@pve' --roles PVEAuditor"
        );
    }
}
