//! `muster user`: people who may sign in.

use std::io::{self, IsTerminal};

use muster_api::access::{NewUser, Secret, User, UserUpdate};
use muster_client::Client;

use super::{CommandError, reach::Reach};
use crate::{
    cli::{OutputFormat, UserCommand},
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
            let update = UserUpdate { password: Some(password), ..UserUpdate::default() };
            let reach = Reach::server(&target).await?;
            let changed = change(reach.client(), &name, &update).await;
            reach.close().await;
            changed
        }
        UserCommand::Remove { target, name } => {
            let reach = Reach::server(&target).await?;
            let removed = remove(reach.client(), &name).await;
            reach.close().await;
            removed
        }
    }
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
    let rows = users.iter().map(|user| [user.name.clone(), user.role.to_string(), user.id.to_string()]);
    output::table(["name", "role", "id"], rows)
}
