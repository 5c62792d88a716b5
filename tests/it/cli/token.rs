//! Where the token comes from, and where it never goes.

use serde_json::json;

use super::program::tenantcheck;
use super::stand_in::{StandIn, TOKEN, foreign, reply};

const CONNECTIONS: &str = "GET /workspaces/1/tenants/2/connections";
const ARGUMENTS: [&str; 5] = ["connections", "--workspace", "1", "--tenant", "2"];

/// Prints another token each time: `token-1`, `token-2`, ...
pub(super) fn counting(folder: &std::path::Path) -> String {
    let file = folder.join("count");
    format!("echo >> {0}; echo \" token-$(wc -l < {0} | tr -d ' ') \"", file.display())
}

pub(super) fn folder(name: &str) -> std::path::PathBuf {
    let folder = std::path::Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    drop(std::fs::remove_dir_all(&folder));
    std::fs::create_dir_all(&folder).unwrap();
    folder
}

#[tokio::test]
async fn a_command_is_asked_again_once_when_its_token_is_refused() {
    let (refused, fine) = (
        reply(401, &json!({ "message": "Unauthorized" })),
        reply(200, &json!({ "default_connection_id": null, "connections": [] })),
    );
    let api = StandIn::start().await.on(CONNECTIONS, &[refused.clone(), fine]);
    let command = counting(&folder("asked-again"));
    let environment = [("TENANTCHECK_API_URL", api.url.as_str()), ("TENANTCHECK_TOKEN_COMMAND", &command)];
    assert_eq!(tenantcheck(&ARGUMENTS, &environment).await.printed(0), "no connections\n");
    let tokens =
        |api: &StandIn| api.seen().iter().map(|seen| seen.header("authorization").to_owned()).collect::<Vec<_>>();
    assert_eq!(tokens(&api), ["Bearer token-1", "Bearer token-2"]);

    let api = StandIn::start().await.on(CONNECTIONS, &[refused]);
    let command = counting(&folder("refused-twice"));
    let arguments = [&ARGUMENTS[..], &["--api", &api.url, "--token-command", &command]].concat();
    let error = tenantcheck(&arguments, &[("TENANTCHECK_TOKEN", TOKEN)]).await.complained(1);
    assert_eq!(
        tokens(&api),
        ["Bearer token-1", "Bearer token-2"],
        "the command wins over the variable, and twice is enough"
    );
    insta::assert_snapshot!("refused_twice", error);
}

#[tokio::test]
async fn the_variable_s_token_is_refused_once() {
    let api = StandIn::start().await.on(CONNECTIONS, &[reply(401, &json!({ "message": "Unauthorized" }))]);
    let error = api.tenantcheck(&ARGUMENTS).await.complained(1);
    assert_eq!(api.seen().len(), 1);
    insta::assert_snapshot!("refused", error);
}

#[tokio::test]
async fn without_a_usable_token_nothing_is_sent() {
    let api = StandIn::start().await;
    let url = ("TENANTCHECK_API_URL", api.url.as_str());
    insta::assert_snapshot!("missing", tenantcheck(&ARGUMENTS, &[url]).await.complained(2));
    for (command, problem) in [
        ("echo complaint >&2; exit 3", "complaint\ntenantcheck: the token command failed (exit status: 3)\n"),
        ("true", "tenantcheck: the token is empty or holds other characters than a token has\n"),
        ("printf 'a\\nb'", "tenantcheck: the token is empty or holds other characters than a token has\n"),
    ] {
        let error = tenantcheck(&ARGUMENTS, &[url, ("TENANTCHECK_TOKEN_COMMAND", command)]).await.complained(1);
        assert_eq!(error, problem);
    }
    assert!(api.seen().is_empty());
}

/// Where the API is, a token, and a command that looks like one.
fn environment(url: &str) -> [(&str, &str); 3] {
    [("TENANTCHECK_API_URL", url), ("TENANTCHECK_TOKEN", TOKEN), ("TENANTCHECK_TOKEN_COMMAND", TOKEN)]
}

#[tokio::test]
async fn a_token_for_this_machine_never_goes_to_a_proxy() {
    let api = StandIn::start()
        .await
        .on(CONNECTIONS, &[reply(200, &json!({ "default_connection_id": null, "connections": [] }))]);
    let proxy = ("http_proxy", "http://127.0.0.1:9");
    let environment = [proxy, ("TENANTCHECK_API_URL", &api.url), ("TENANTCHECK_TOKEN", TOKEN)];
    tenantcheck(&ARGUMENTS, &environment).await.printed(0);
}

#[tokio::test]
async fn the_token_is_never_printed() {
    for status in [200, 401, 403, 404, 500] {
        let api = StandIn::start().await.on(CONNECTIONS, &[foreign(status, &json!({}))]);
        let done = tenantcheck(&ARGUMENTS, &environment(&api.url)[..2]).await;
        assert!(!format!("{done:?}").contains(TOKEN), "{done:?}");
    }
    for arguments in [&["verify", "--help"][..], &["show", "-h"], &["runs"], &ARGUMENTS] {
        let done = tenantcheck(arguments, &environment("http://127.0.0.1:9")[..2]).await;
        assert!(!format!("{done:?}").contains(TOKEN), "{done:?}");
    }
    // A command line may hold a password.
    let done = tenantcheck(&["verify", "--help"], &environment("http://127.0.0.1:9")).await;
    assert!(!format!("{done:?}").contains(TOKEN), "{done:?}");
}
