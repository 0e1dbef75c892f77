//! What the server says about a question, in the words of the command line: its parameters are options here.

use muster_api::ProblemCode;
use muster_client::ClientError;

use crate::commands::CommandError;

/// The parameters that history commands send, and the options that they come from.
const OPTIONS: [(&str, &str); 11] = [
    ("raw", "--raw"),
    ("minute", "--minute"),
    ("tenMinutes", "--ten-minutes"),
    ("hour", "--hour"),
    ("range", "--range"),
    ("from", "--from"),
    ("to", "--to"),
    ("resources", "--resources"),
    ("metrics", "--metrics"),
    ("resource", "--resource"),
    ("format", "--format"),
];

/// A refusal of an option is a wrong option; everything else stays what it is.
pub(super) fn told(error: ClientError) -> CommandError {
    let ClientError::Problem { problem, .. } = &error else { return error.into() };
    let said = with_options(&problem.detail);
    match problem.code {
        ProblemCode::InvalidQuery => CommandError::Usage(said),
        ProblemCode::ResourceNotFound | ProblemCode::InvalidBody | ProblemCode::InvalidValue => {
            CommandError::Failed(said)
        }
        ProblemCode::Unauthenticated
        | ProblemCode::Forbidden
        | ProblemCode::LoginFailed
        | ProblemCode::LoginThrottled
        | ProblemCode::SetupTokenInvalid
        | ProblemCode::SetupDone
        | ProblemCode::CsrfFailed
        | ProblemCode::HostNotAllowed
        | ProblemCode::RouteNotFound
        | ProblemCode::MethodNotAllowed
        | ProblemCode::NotFound
        | ProblemCode::InvalidPageToken
        | ProblemCode::NameTaken
        | ProblemCode::LastAdministrator
        | ProblemCode::BodyTooLarge
        | ProblemCode::UnsupportedMediaType
        | ProblemCode::SecondFactorRequired
        | ProblemCode::SecondFactorFailed
        | ProblemCode::AccountDisabled
        | ProblemCode::ChangedMeanwhile
        | ProblemCode::RulingConflict
        | ProblemCode::SecretRequired
        | ProblemCode::RateLimited
        | ProblemCode::HeadersTooLarge
        | ProblemCode::InsufficientStorage
        | ProblemCode::ConfigurationRefused
        | ProblemCode::Unavailable
        | ProblemCode::StorageUnavailable
        | ProblemCode::Timeout
        | ProblemCode::Internal => error.into(),
    }
}

fn with_options(detail: &str) -> String {
    let said = detail.replace("`/api/resources?q=…` finds", "`muster resources TEXT` finds");
    OPTIONS.iter().fold(said, |said, (parameter, option)| {
        let option = format!("`{option}`");
        said.replace(&format!("`?{parameter}=`"), &option).replace(&format!("`{parameter}`"), &option)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parameters_become_options() {
        let check = |detail: &str, said: &str| assert_eq!(with_options(detail), said);
        check("`tenMinutes`: must be a span from 1d to 7300d", "`--ten-minutes`: must be a span from 1d to 7300d");
        check("`line 2`: say with `?resource=` whose they are", "`line 2`: say with `--resource` whose they are");
        check("`from`: must be before `to`", "`--from`: must be before `--to`");
        check("`/api/resources?q=…` finds resources by name", "`muster resources TEXT` finds resources by name");
    }
}
