//! An API, or a token command, that does not answer: it is given up, and the operator is told where to look. A run that is on its way
//! is not lost by it.

use std::net::SocketAddr;
use std::time::Duration;

use futures_util::future::join_all;
use serde_json::json;
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpSocket, TcpStream};
use tokio::time::{interval, timeout};

use super::program::tenantcheck;
use super::stand_in::{Reply, StandIn, TOKEN, reply};
use super::token::{counting, folder};
use super::verify::accepted;
use super::{READY, completed, run};

const VERIFY: [&str; 5] = ["verify", "--workspace", "1", "--tenant", "2"];
const START: &str = "POST /workspaces/1/tenants/2/verifications";
const SHOW: [&str; 2] = ["show", "41"];

/// Not how fast the program is, but whether it ends.
const END: Duration = Duration::from_mins(1);

/// What the program says when it gives up, without the port. It is told to wait for a second and not for its usual 15.
async fn given_up(arguments: &[&str], environment: &[(&str, &str)], url: &str) -> String {
    let environment = [environment, &[("TENANTCHECK_API_URL", url), ("TENANTCHECK_REQUEST_TIMEOUT", "1")]].concat();
    let done = timeout(END, tenantcheck(arguments, &environment)).await.expect("the program ends");
    done.complained(1).replace(url, "http://API")
}

async fn given_up_at(address: SocketAddr) -> String {
    given_up(&SHOW, &[("TENANTCHECK_TOKEN", TOKEN)], &format!("http://{address}/")).await
}

#[tokio::test]
async fn every_command_gives_a_silent_api_up_after_one_request() {
    let commands = [
        (&VERIFY[..], START),
        (&SHOW, "GET /runs/41"),
        (&["runs", "--workspace", "1"], "GET /workspaces/1/runs"),
        (&["connections", "--workspace", "1", "--tenant", "2"], "GET /workspaces/1/tenants/2/connections"),
    ];
    let errors = join_all(commands.map(async |(arguments, request)| {
        let api = StandIn::start().await.on(request, &[Reply::Never]);
        let error = given_up(arguments, &[("TENANTCHECK_TOKEN", TOKEN)], &api.url).await;
        assert_eq!(api.seen().len(), 1, "{arguments:?}");
        error
    }));
    let mut errors = errors.await;
    errors.dedup();
    insta::assert_snapshot!("silent", errors.join("---\n"));
}

#[tokio::test]
async fn an_answer_in_drops_is_given_up() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let drops = async move {
        let (socket, _) = listener.accept().await.unwrap();
        let mut socket = BufReader::new(socket);
        // To the empty line: an answer that comes before the request ends is none.
        let mut line = String::from("GET");
        while !line.trim().is_empty() {
            line.clear();
            socket.read_line(&mut line).await.unwrap();
        }
        socket.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 1000000\r\n\r\n").await.unwrap();
        let mut pace = interval(Duration::from_millis(20));
        loop {
            pace.tick().await;
            if socket.write_all(b" ").await.is_err() {
                return listener;
            }
        }
    };
    let (error, listener) = tokio::join!(given_up_at(address), drops);
    drop(listener);
    assert!(error.starts_with("tenantcheck: http://API has not answered within 1 s (--request-timeout)\n"), "{error}");
}

#[tokio::test]
async fn an_address_that_cannot_be_connected_to_is_given_up() {
    let socket = TcpSocket::new_v4().unwrap();
    socket.bind("127.0.0.1:0".parse().unwrap()).unwrap();
    let listener = socket.listen(0).unwrap();
    let address = listener.local_addr().unwrap();
    // Nobody accepts these: with them the queue is full, and whoever comes next is not even refused.
    let mut waiting = Vec::new();
    while let Ok(connected) = timeout(Duration::from_millis(200), TcpStream::connect(address)).await {
        waiting.push(connected.unwrap());
    }
    insta::assert_snapshot!("unconnected", given_up_at(address).await);
}

#[tokio::test]
async fn a_silent_look_does_not_lose_the_run() {
    let end = reply(200, &completed("succeeded", READY));
    let running = reply(200, &run("running", "pending")).at_once();
    let api = StandIn::start().await.on(START, &[accepted()]).on("GET /runs/41", &[running, Reply::Never, end]);
    let command = counting(&folder("silent-look"));
    let environment = [
        ("TENANTCHECK_API_URL", &*api.url),
        ("TENANTCHECK_TOKEN_COMMAND", &*command),
        ("TENANTCHECK_REQUEST_TIMEOUT", "1"),
    ];
    let done = timeout(END, tenantcheck(&VERIFY, &environment)).await.expect("the program ends");
    assert!(done.printed(0).contains("Overall: ready"));
    assert_eq!(api.lines(), [START, "GET /runs/41", "GET /runs/41", "GET /runs/41"]);
    assert!(api.seen().iter().all(|seen| seen.header("authorization") == "Bearer token-1"), "one token is enough");
}

#[tokio::test]
async fn an_api_that_stays_silent_leaves_the_run_to_itself() {
    let api = StandIn::start().await.on(START, &[accepted()]).on("GET /runs/41", &[Reply::Never]);
    let error = given_up(&VERIFY, &[("TENANTCHECK_TOKEN", TOKEN)], &api.url).await;
    insta::assert_snapshot!("silent_run", error);
    assert_eq!(api.lines(), [START, "GET /runs/41", "GET /runs/41"]);

    // Also when it says something, but nothing about the run.
    let refusal = reply(401, &json!({ "message": "Unauthorized" }));
    let api = StandIn::start().await.on(START, &[accepted()]).on("GET /runs/41", &[refusal]);
    let error = given_up(&VERIFY, &[("TENANTCHECK_TOKEN", TOKEN)], &api.url).await;
    assert!(error.ends_with("run 41 goes on by itself; look at it with: tenantcheck show 41\n"), "{error}");
}

#[tokio::test]
async fn a_token_command_that_does_not_end_is_given_up() {
    let api = StandIn::start().await;
    let hangs =
        [("TENANTCHECK_TOKEN_COMMAND", "echo token; exec tail -f /dev/null"), ("TENANTCHECK_TOKEN_TIMEOUT", "1")];
    insta::assert_snapshot!("token_command", given_up(&SHOW, &hangs, &api.url).await);
    assert!(api.seen().is_empty());
}
