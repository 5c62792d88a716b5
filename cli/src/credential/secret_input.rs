//! Passwords and secrets, which stand in no argument and on no screen.

use std::io::{self, BufRead, IsTerminal};

use secrecy::SecretString;

/// Asks on the terminal without showing what is typed; without a terminal the first line of standard input is the answer.
pub(super) fn ask(prompt: &str) -> io::Result<SecretString> {
    let stdin = io::stdin();
    let mut answer = if stdin.is_terminal() { rpassword::prompt_password(prompt)? } else { line(&mut stdin.lock())? };
    answer.truncate(answer.trim_end_matches(['\r', '\n']).len());
    Ok(answer.into())
}

fn line(input: &mut impl BufRead) -> io::Result<String> {
    let mut line = String::new();
    input.read_line(&mut line)?;
    Ok(line)
}
