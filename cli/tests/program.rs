//! The program as an operator runs it: arguments, exit codes, and what goes where.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on says so by panicking")]

use std::io::Write;
use std::path::Path;
use std::process::{Command, Output, Stdio};

const EXAMPLE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../schemas/examples/directory.json");

/// Runs the program against an endpoint where nobody listens, with this standard input.
fn tenantcheck(arguments: &[&str], input: impl AsRef<[u8]>) -> Output {
    let mut child = Command::new(env!("CARGO_BIN_EXE_tenantcheck"))
        .args(arguments)
        .env_clear()
        .env("AWS_REGION", "eu-central-1")
        .env("AWS_ACCESS_KEY_ID", "test")
        .env("AWS_SECRET_ACCESS_KEY", "test")
        // The discard service: a port that only the superuser may listen on, and nobody does.
        .env("AWS_ENDPOINT_URL", "http://127.0.0.1:9")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    child.stdin.take().unwrap().write_all(input.as_ref()).unwrap();
    child.wait_with_output().unwrap()
}

fn text(bytes: &[u8]) -> &str {
    std::str::from_utf8(bytes).unwrap()
}

#[test]
fn wrong_arguments_are_code_2_and_name_the_missing_one() {
    let output = tenantcheck(&["apply", EXAMPLE], "");
    assert_eq!(output.status.code(), Some(2));
    assert!(text(&output.stderr).contains("--table <NAME>") && text(&output.stderr).contains("--stage <STAGE>"));
    let output = tenantcheck(&["apply", EXAMPLE, "--table", "t", "--stage", "Not A Stage"], "");
    assert_eq!(output.status.code(), Some(2));
    assert!(text(&output.stderr).contains("lower-case letters"));
}

#[test]
fn a_file_that_cannot_be_read_is_code_2() {
    let output = tenantcheck(&["apply", "no/such/file.json", "--table", "t", "--stage", "local"], "");
    assert_eq!(output.status.code(), Some(2));
    assert!(text(&output.stderr).starts_with("tenantcheck: cannot read no/such/file.json"));
}

#[test]
fn standard_input_is_read_and_an_invalid_file_never_reaches_aws() {
    let apply = |input| tenantcheck(&["apply", "-", "--table", "t", "--stage", "local"], input);
    let output = apply("{\n  \"workspaces\": [,]\n}");
    assert_eq!(output.status.code(), Some(2));
    assert_eq!(
        text(&output.stderr),
        "tenantcheck: the file cannot be read as JSON: expected value at line 2 column 18\nnothing was written\n"
    );
    let output = apply(r#"{ "workspaces": [{ "id": 0 }] }"#);
    assert_eq!(output.status.code(), Some(2));
    insta::assert_snapshot!("invalid_workspace", text(&output.stderr));
    assert!(output.stdout.is_empty());
}

/// A file of a test's own.
fn file(name: &str, bytes: &[u8]) -> String {
    let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    std::fs::write(&path, bytes).unwrap();
    path.to_str().unwrap().to_owned()
}

#[test]
fn a_byte_order_mark_is_no_reason_to_refuse_a_file() {
    let directory = [b"\xef\xbb\xbf", &*std::fs::read(EXAMPLE).unwrap()].concat();
    for (source, input) in [(&*file("marked-directory.json", &directory), &[][..]), ("-", &directory)] {
        let output = tenantcheck(&["apply", source, "--table", "t", "--stage", "local"], input);
        let error = text(&output.stderr);
        assert!(error.starts_with("tenantcheck: the table cannot be read: "), "it was taken as far as to AWS: {error}");
        assert_eq!(output.status.code(), Some(1));
    }
}

#[test]
fn utf_16_is_named() {
    let utf_16: Vec<u8> = std::fs::read_to_string(EXAMPLE).unwrap().encode_utf16().flat_map(u16::to_le_bytes).collect();
    let marked = [b"\xff\xfe", &*utf_16].concat();
    let mut shown = String::new();
    for (source, input) in [(&*file("utf-16-directory.json", &marked), &[][..]), ("-", &utf_16)] {
        let output = tenantcheck(&["apply", source, "--table", "t", "--stage", "local"], input);
        assert_eq!(output.status.code(), Some(2));
        shown += text(&output.stderr);
    }
    insta::assert_snapshot!("utf_16", shown);
}

#[test]
fn aws_that_does_not_answer_is_code_1() {
    let output = tenantcheck(&["apply", EXAMPLE, "--table", "t", "--stage", "local"], "");
    assert_eq!(output.status.code(), Some(1));
    let error = text(&output.stderr);
    assert!(error.starts_with("tenantcheck: the table cannot be read: the table does not answer"), "{error}");
    assert!(error.ends_with("nothing was written\n"), "{error}");
}

#[test]
fn every_command_says_what_it_does() {
    let mut help = text(&tenantcheck(&["--help"], "").stdout).to_owned();
    for command in ["verify", "show", "runs", "connections", "apply", "audit", "forget", "release", "completion"] {
        let output = tenantcheck(&[command, "--help"], "");
        assert_eq!(output.status.code(), Some(0), "{command}");
        help += &format!("\n---- {command}\n{}", text(&output.stdout));
    }
    insta::assert_snapshot!("help", help);
}

#[test]
fn every_shell_has_a_completion_that_knows_the_commands() {
    for shell in ["bash", "zsh", "fish", "elvish", "powershell"] {
        let output = tenantcheck(&["completion", shell], "");
        assert_eq!(output.status.code(), Some(0), "{shell}");
        let script = text(&output.stdout);
        for word in ["tenantcheck", "verify", "forget", "token-command", "created-after"] {
            assert!(script.contains(word), "{shell} does not complete {word}");
        }
    }
    assert_eq!(tenantcheck(&["completion", "tcsh"], "").status.code(), Some(2));
}
