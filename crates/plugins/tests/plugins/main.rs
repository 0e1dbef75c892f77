//! Plugins as their callers see them: documents in, submissions in, what they change out.

mod builtins;
mod compatibility;
mod making;
mod sets;
mod submissions;
