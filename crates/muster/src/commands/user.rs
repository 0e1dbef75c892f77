//! `muster user`: people who may sign in.

use std::io::{self, IsTerminal};

use muster_api::access::{ActiveSession, NewUser, Secret, User, UserUpdate};
use muster_client::Client;

use super::{CommandError, reach::Reach};
use crate::{
    cli::{OutputFormat, Target, UserCommand},
    output,
};

/// Carries out a user command.
pub(crate) async fn run(command: UserCommand, format: OutputFormat) -> Result<(), CommandError> {
    match command {
        UserCommand::Add { target, name, role } => {
            let password = read_password(&name)?;
            let reach = Reach::server(&target).await?;
            let created = reach.client().create_user(&NewUser { name, password, role }).await;
            reach.close().await;
            Ok(output::print(format, &created?, |user| table(std::slice::from_ref(user)))?)
        }
        UserCommand::List(target) => {
            let reach = Reach::server(&target).await?;
            let listed = reach.client().users().await;
            reach.close().await;
            Ok(output::print(format, &listed?.items, |users| table(users))?)
        }
        UserCommand::Password { target, name } => {
            let password = read_password(&name)?;
            update(&target, &name, UserUpdate { password: Some(password), ..UserUpdate::default() }).await
        }
        UserCommand::Role { target, name, role } => {
            update(&target, &name, UserUpdate { role: Some(role), ..UserUpdate::default() }).await
        }
        UserCommand::Disable { target, name } => {
            update(&target, &name, UserUpdate { disabled: Some(true), ..UserUpdate::default() }).await
        }
        UserCommand::Enable { target, name } => {
            update(&target, &name, UserUpdate { disabled: Some(false), ..UserUpdate::default() }).await
        }
        UserCommand::Sessions { target, name, end: true } => {
            let reach = Reach::server(&target).await?;
            let ended = end_sessions(reach.client(), &name).await;
            reach.close().await;
            ended
        }
        UserCommand::Sessions { target, name, end: false } => {
            let reach = Reach::server(&target).await?;
            let listed = sessions(reach.client(), &name).await;
            reach.close().await;
            Ok(output::print(format, &listed?, |sessions| session_table(sessions))?)
        }
        UserCommand::ResetSecondFactor { target, name } => {
            let reach = Reach::server(&target).await?;
            let reset = reset_second_factor(reach.client(), &name).await;
            reach.close().await;
            reset
        }
        UserCommand::Remove { target, name } => {
            let reach = Reach::server(&target).await?;
            let removed = remove(reach.client(), &name).await;
            reach.close().await;
            removed
        }
    }
}

async fn update(target: &Target, name: &str, update: UserUpdate) -> Result<(), CommandError> {
    let reach = Reach::server(target).await?;
    let changed = change(reach.client(), name, &update).await;
    reach.close().await;
    changed
}

async fn sessions(client: &Client, name: &str) -> Result<Vec<ActiveSession>, CommandError> {
    let user = find(client, name).await?;
    Ok(client.user_sessions(user.id).await?.items)
}

async fn end_sessions(client: &Client, name: &str) -> Result<(), CommandError> {
    let user = find(client, name).await?;
    Ok(client.end_user_sessions(user.id).await?)
}

async fn reset_second_factor(client: &Client, name: &str) -> Result<(), CommandError> {
    let user = find(client, name).await?;
    Ok(client.reset_second_factor(user.id).await?)
}

async fn change(client: &Client, name: &str, update: &UserUpdate) -> Result<(), CommandError> {
    let user = find(client, name).await?;
    client.update_user(user.id, update).await?;
    Ok(())
}

async fn remove(client: &Client, name: &str) -> Result<(), CommandError> {
    let user = find(client, name).await?;
    Ok(client.delete_user(user.id).await?)
}

async fn find(client: &Client, name: &str) -> Result<User, CommandError> {
    let users = client.users().await?.items;
    let wanted = name.trim().to_lowercase();
    users.into_iter().find(|user| user.name.to_lowercase() == wanted).ok_or_else(|| {
        CommandError::Failed(format!("there is no user `{name}`; `muster user list` shows who there is"))
    })
}

/// Asked for on a terminal without showing it, else one line of standard input: never an argument, which other users of
/// the machine could see.
fn read_password(name: &str) -> Result<Secret, CommandError> {
    let read = if io::stdin().is_terminal() {
        rpassword::prompt_password(format!("Password for {}: ", output::plain(name)))
    } else {
        let mut line = String::new();
        io::stdin().read_line(&mut line).map(|_| line)
    };
    let line = read.map_err(|error| CommandError::Failed(format!("reading the password: {error}")))?;
    let password = line.trim_end_matches(['\r', '\n']);
    if password.is_empty() {
        return Err(CommandError::Usage("give the password as one line on standard input".into()));
    }
    Ok(Secret(password.to_owned()))
}

fn table(users: &[User]) -> String {
    let rows = users.iter().map(|user| {
        [
            user.name.clone(),
            user.role.to_string(),
            standing(user).to_owned(),
            user.provider.clone().unwrap_or_else(|| "here".to_owned()),
            user.last_sign_in_at.map_or_else(|| "never".to_owned(), |at| at.to_string()),
            user.id.to_string(),
        ]
    });
    output::table(["name", "role", "sign-in", "kept by", "last sign-in", "id"], rows)
}

/// How the user gets in.
fn standing(user: &User) -> &'static str {
    match (user.disabled_at, &user.provider, user.has_second_factor) {
        (Some(_), _, _) => "disabled",
        (None, Some(_), _) => "identity provider",
        (None, None, true) => "password and code",
        (None, None, false) => "password",
    }
}

fn session_table(sessions: &[ActiveSession]) -> String {
    let rows = sessions.iter().map(|session| {
        [
            session.created_at.to_string(),
            session.last_used_at.map_or_else(|| "never".to_owned(), |at| at.to_string()),
            session.expires_at.to_string(),
            session.remote_addr.clone().unwrap_or_default(),
            session.user_agent.clone().unwrap_or_default(),
        ]
    });
    output::table(["signed in", "last used", "ends", "from", "browser"], rows)
}
