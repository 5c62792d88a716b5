//! The program, run as an operator runs it.

use std::path::PathBuf;
use std::process::{Output, Stdio};
use std::sync::OnceLock;

use domain::cloud::Cloud;
use harness::functions;
use harness::workspace::Workspace;
use tokio::io::AsyncWriteExt;
use tokio::process::Command;

/// What the program did.
#[derive(Debug)]
pub(super) struct Done {
    pub(super) code: Option<i32>,
    pub(super) out: String,
    pub(super) error: String,
}

/// Runs the program with nothing from this process's environment, without a terminal.
pub(super) async fn tenantcheck(arguments: &[&str], environment: &[(&str, &str)]) -> Done {
    Done::of(command(arguments, environment).output().await.unwrap())
}

/// Runs the program with this to read on standard input.
pub(super) async fn tenantcheck_told(input: &str, arguments: &[&str], environment: &[(&str, &str)]) -> Done {
    let mut command = command(arguments, environment);
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let mut stdin = child.stdin.take().unwrap();
    // A program that ends before it reads closes the pipe.
    drop(stdin.write_all(input.as_bytes()).await);
    drop(stdin);
    Done::of(child.wait_with_output().await.unwrap())
}

/// Runs the program with standard output and standard error elsewhere; of what goes there nothing is known.
pub(super) async fn tenantcheck_into(
    (out, error): (Stdio, Stdio),
    arguments: &[&str],
    environment: &[(&str, &str)],
) -> Done {
    let child = command(arguments, environment).stdout(out).stderr(error).spawn().unwrap();
    Done::of(child.wait_with_output().await.unwrap())
}

fn command(arguments: &[&str], environment: &[(&str, &str)]) -> Command {
    let mut command = Command::new(binary());
    command.args(arguments).env_clear().env("PATH", "/usr/local/bin:/usr/bin:/bin");
    // Nobody is there: a test that wants Microsoft says where it is.
    let nowhere = "http://127.0.0.1:9";
    command.envs(Cloud::ALL.iter().map(|cloud| (microsoft(*cloud), nowhere)));
    command.envs(environment.iter().copied());
    command.stdin(Stdio::null()).kill_on_drop(true);
    command
}

/// The variable that says where a cloud's authority is.
pub(super) fn microsoft(cloud: Cloud) -> String {
    format!("MICROSOFT_LOGIN_ORIGIN_{}", cloud.as_str().to_ascii_uppercase())
}

fn binary() -> &'static PathBuf {
    static BINARY: OnceLock<PathBuf> = OnceLock::new();
    BINARY.get_or_init(|| {
        let workspace = Workspace::locate().unwrap();
        functions::build_command_line(&workspace).unwrap();
        workspace.binary(functions::COMMAND_LINE)
    })
}

impl Done {
    fn of(output: Output) -> Self {
        let text = |bytes| String::from_utf8(bytes).unwrap();
        Self { code: output.status.code(), out: text(output.stdout), error: text(output.stderr) }
    }

    /// What it printed, if it ended so.
    #[track_caller]
    pub(super) fn printed(self, code: i32) -> String {
        assert_eq!(self.code, Some(code), "{}{}", self.out, self.error);
        assert_eq!(self.error, "", "without a terminal nobody is told of progress");
        self.out
    }

    /// What it complained of, if it ended so and printed nothing.
    #[track_caller]
    pub(super) fn complained(self, code: i32) -> String {
        assert_eq!((self.code, self.out.as_str()), (Some(code), ""), "{}", self.error);
        self.error
    }
}
