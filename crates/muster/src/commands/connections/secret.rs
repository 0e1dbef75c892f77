//! The secret of a connection: out of a file, from the terminal, or one line of standard input; never an argument.

use std::{
    fs,
    io::{self, IsTerminal},
};

use muster_api::access::Secret;

use crate::{cli::SecretArgs, commands::CommandError, output};

/// The secret that the options name; `None` where they name none.
pub(super) fn named(args: &SecretArgs) -> Result<Option<Secret>, CommandError> {
    match (&args.secret_file, &args.secret_reference) {
        (Some(path), _) => {
            let read = fs::read_to_string(path);
            let text = read.map_err(|error| CommandError::Failed(format!("reading {}: {error}", path.display())))?;
            one_line(&text).map(Some)
        }
        (None, Some(reference)) => Ok(Some(Secret(reference.clone()))),
        (None, None) => Ok(None),
    }
}

/// Asks for the secret on a terminal without showing it, else takes one line of standard input.
pub(super) fn ask(name: &str) -> Result<Secret, CommandError> {
    let read = if io::stdin().is_terminal() {
        rpassword::prompt_password(format!("Secret for {}: ", output::plain(name)))
    } else {
        let mut line = String::new();
        io::stdin().read_line(&mut line).map(|_| line)
    };
    one_line(&read.map_err(|error| CommandError::Failed(format!("reading the secret: {error}")))?)
}

fn one_line(text: &str) -> Result<Secret, CommandError> {
    let secret = text.trim_end_matches(['\r', '\n']);
    if secret.is_empty() {
        let advice = "give the secret as one line on standard input, or name its file with --secret-file";
        return Err(CommandError::Usage(advice.to_owned()));
    }
    Ok(Secret(secret.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_is_one_line_and_not_empty() {
        assert_eq!(one_line("s3cret\r\n").unwrap().0, "s3cret");
        for nothing in ["", "\n"] {
            assert_eq!(one_line(nothing).unwrap_err().exit_code(), 2);
        }
    }
}
