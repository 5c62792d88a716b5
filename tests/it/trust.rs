//! Whose certificates a function's AWS clients accept, seen from the server.

use harness::functions;
use harness::lambda::Process;
use harness::private_tls::PrivateEndpoint;
use harness::workspace::Workspace;
use tokio::process::Command;

/// Starts a function with its table at this endpoint, on a machine that trusts the authority of another one.
async fn start(workspace: &Workspace, endpoint: &PrivateEndpoint, machine: &PrivateEndpoint) {
    let mut command = Command::new(workspace.binary("viewer"));
    command.env_clear().env("AWS_ENDPOINT_URL", endpoint.url()).env("SSL_CERT_FILE", machine.authority());
    for name in ["AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_REGION", "TABLE_NAME", "JWT_SCOPE", "USER_ID_CLAIM"]
    {
        command.env(name, "test");
    }
    for name in ["WORKER_TIMEOUT_SECONDS", "PATIENCE_SECONDS", "RUN_DEADLINE_SECONDS"] {
        command.env(name, "60");
    }
    Process::spawn(command).await.expect("the function starts").first_poll().await.expect("it asks for an invocation");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_certificate_that_is_not_amazons_is_held_against_the_machines() {
    let workspace = Workspace::locate().expect("the tests run in the workspace");
    tokio::task::block_in_place(|| functions::build(&workspace)).expect("the functions compile");
    let endpoint = PrivateEndpoint::start().await.expect("a port is free");
    let other = PrivateEndpoint::start().await.expect("a port is free");
    start(&workspace, &endpoint, &other).await;
    assert_eq!(endpoint.answered(), 0, "the machine trusts somebody else");
    start(&workspace, &endpoint, &endpoint).await;
    assert_eq!(endpoint.answered(), 1, "the warm-up is tried again");
}
