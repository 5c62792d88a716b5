//! How operators sign in to AWS, and what they are told when they have not.

use std::fs;
use std::path::PathBuf;

use harness::emulator::REGION;
use harness::shared::{Sandbox, unique_name};

use super::program::{Done, tenantcheck};

/// A file of profiles, as the AWS command line keeps it.
fn profile(text: &str) -> PathBuf {
    let file = std::env::temp_dir().join(format!("tenantcheck-{}-{}", std::process::id(), unique_name()));
    fs::write(&file, format!("[default]\n{text}\n")).unwrap();
    file
}

/// Runs `audit` on the emulator's table with the credentials of a profile alone.
async fn audit(profile_text: &str) -> Done {
    run(&["audit", "--workspace", "1", "-o", "json"], profile_text).await
}

/// Runs a command on the emulator's table with the credentials of a profile alone.
async fn run(arguments: &[&str], profile_text: &str) -> Done {
    let sandbox = Sandbox::new().await;
    let endpoint = sandbox.aws.endpoint_url().unwrap();
    let file = profile(profile_text);
    let environment = [
        ("AWS_ENDPOINT_URL", endpoint),
        ("AWS_CONFIG_FILE", file.to_str().unwrap()),
        ("AWS_SHARED_CREDENTIALS_FILE", "/nowhere"),
        ("AWS_EC2_METADATA_DISABLED", "true"),
        ("HOME", "/nowhere"),
        ("TABLE_NAME", &sandbox.table),
    ];
    let done = tenantcheck(arguments, &environment).await;
    fs::remove_file(file).unwrap();
    done
}

#[tokio::test]
async fn a_program_may_give_the_credentials() {
    let given = r#"{"Version":1,"AccessKeyId":"test","SecretAccessKey":"test"}"#;
    let text = format!("region = {REGION}\ncredential_process = /bin/echo '{given}'");
    assert_eq!(audit(&text).await.printed(0).trim(), "[]");
}

/// How often a program that gives credentials was called for `release`, which asks AWS STS and then the table. `more` is what it says of them.
async fn called(more: &str) -> usize {
    let calls = std::env::temp_dir().join(format!("tenantcheck-calls-{}-{}", std::process::id(), unique_name()));
    let given = format!(r#"{{"Version":1,"AccessKeyId":"test","SecretAccessKey":"test"{more}}}"#);
    let program = format!("echo called >> {} && echo '{given}'", calls.display());
    let text = format!("region = {REGION}\ncredential_process = {program}");
    let told = run(&["release", "7", "--yes"], &text).await.complained(2);
    assert!(told.contains("run 7"), "{told}");
    let counted = fs::read_to_string(&calls).unwrap().lines().count();
    fs::remove_file(calls).unwrap();
    counted
}

/// It may ask a person, or take seconds.
#[tokio::test]
async fn a_program_that_gives_the_credentials_is_called_once_and_again_when_they_have_expired() {
    assert_eq!(called("").await, 1);
    assert_eq!(called(r#","SessionToken":"test","Expiration":"2020-01-01T00:00:00Z""#).await, 2);
}

#[tokio::test]
async fn who_has_signed_in_nowhere_is_told_first() {
    let told = audit(&format!("region = {REGION}")).await.complained(2);
    assert!(told.contains("nobody is signed in to AWS") && told.contains("aws login"), "{told}");
    let told = audit("output = json").await.complained(2);
    assert!(told.contains("AWS has no region here: set AWS_REGION"), "{told}");
}

/// A profile of each kind is understood: what it lacks is the session, and not the program's ability.
#[tokio::test]
async fn a_session_that_is_over_is_named_as_what_is_missing() {
    let login = format!("region = {REGION}\nlogin_session = arn:aws:iam::123456789012:user/ada");
    let sso = format!(
        "region = {REGION}\nsso_start_url = https://example.com/start\nsso_region = {REGION}\nsso_account_id = 123456789012\nsso_role_name = operator"
    );
    for text in [login, sso] {
        let told = audit(&text).await.complained(2);
        assert!(told.contains("nobody is signed in to AWS") && !told.contains("feature"), "{told}");
    }
}
