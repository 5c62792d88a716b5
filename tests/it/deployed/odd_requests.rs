//! Requests that no client sends by itself, written byte by byte to the gateway: whatever they are answered with, it is no fault of ours.

#![allow(clippy::print_stdout, reason = "the figures are printed for whoever wants to see them")]

use std::collections::BTreeMap;

use futures_util::{StreamExt, stream};
use harness::customer::READER;
use harness::shared;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

const PATHS: [&str; 8] = [
    "/runs/1",
    "/workspaces/1/runs",
    "/workspaces/1/tenants/2/runs",
    "/onboarding-sessions/6",
    "/openapi.json",
    "/nothing",
    "/runs/%00",
    "/runs/..%2f..",
];

const QUERIES: [&str; 15] = [
    "a=<script>",
    "a=\"",
    "a=%",
    "a=%zz",
    "a=%00",
    "a=%ff%fe",
    "status=%22%3E",
    "page_token=\\^`{|}",
    "page_size=9999999999999999999999",
    "&&&=&",
    "a=b;c=d",
    "created_after='OR 1=1",
    "?a=?",
    "=",
    "a=\u{e4}\u{1f600}",
];

const HEADERS: [&str; 13] = [
    "X-Forwarded-Proto: ://",
    "X-Forwarded-Proto: javascript",
    "X-Forwarded-Host: <>",
    "X-Forwarded-For: \"",
    "Forwarded: for=\"<>\";host=[",
    "If-None-Match: \u{e4}",
    "If-None-Match: \"\"\"",
    "Accept-Encoding: gzip;q=x, *;q=",
    "Cookie: \u{1f600}=;;=",
    "Content-Type: \"",
    "Idempotency-Key: \u{e4}",
    "X-Amzn-Trace-Id: <>",
    "X-Empty:",
];

/// The status of what comes back for these bytes; none when the gateway closes the connection.
async fn status(address: &str, bytes: Vec<u8>) -> Option<u16> {
    let mut stream = TcpStream::connect(address).await.unwrap();
    stream.write_all(&bytes).await.ok()?;
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).await.ok()?;
    let line = String::from_utf8_lossy(&answer).lines().next()?.to_owned();
    line.split(' ').nth(1)?.parse().ok()
}

#[tokio::test]
async fn no_odd_request_is_a_fault_of_ours() {
    let stack = shared::stack().await;
    let url = stack.deployed().api_url(stack.emulator());
    let url = url.strip_prefix("http://").unwrap().trim_end_matches('/');
    let (address, base) = url.split_at(url.find('/').unwrap_or(url.len()));
    let token = stack.api(READER).token().unwrap().to_owned();
    let request = |method: &str, target: &str, header: &str| {
        let end =
            format!("Host: {address}\r\nAuthorization: Bearer {token}\r\nConnection: close\r\nContent-Length: 0\r\n");
        (format!("{method} {target} {header}"), format!("{method} {base}{target} HTTP/1.1\r\n{header}\r\n{end}\r\n"))
    };
    let mut requests = Vec::new();
    for path in PATHS {
        requests.extend(QUERIES.map(|query| request("GET", &format!("{path}?{query}"), "X: y")));
        requests.extend(HEADERS.map(|header| request("GET", path, header)));
    }
    requests.extend(HEADERS.map(|header| request("POST", "/workspaces/1/tenants/2/verifications", header)));
    assert!(requests.len() > 200);
    let answered = stream::iter(requests).map(|(what, text)| async move {
        // As Latin-1, so that what is not ASCII is a byte that is not UTF-8.
        let bytes = text.chars().map(|char| u8::try_from(char).unwrap_or(b'?')).collect();
        (what, status(address, bytes).await)
    });
    let answered: Vec<_> = answered.buffer_unordered(8).collect().await;
    let faults: Vec<_> = answered.iter().filter(|(_, status)| status.is_none_or(|status| status >= 500)).collect();
    let mut counted: BTreeMap<Option<u16>, usize> = BTreeMap::new();
    for (_, status) in &answered {
        *counted.entry(*status).or_default() += 1;
    }
    println!("{} odd requests: {counted:?}", answered.len());
    assert!(faults.is_empty(), "{faults:?}");
    assert!(!stack.logs().await.unwrap().contains("a panic"));
}
