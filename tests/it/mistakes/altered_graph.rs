//! A Graph that says something that the stand-in's tenants never say: it asks the stand-in and alters the answer.

use std::net::Ipv4Addr;

use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, Uri, header};
use axum::response::{IntoResponse as _, Response};
use axum::{Json, Router};
use harness::scene::{Scene, stand_in};
use serde_json::Value;
use tokio::net::TcpListener;

/// Alters an answer. It is told the path of the request.
pub(super) type Alter = fn(&str, &mut Value) -> StatusCode;

#[derive(Debug, Clone)]
struct Between {
    client: reqwest::Client,
    graph: String,
    alter: Alter,
}

/// The scene's worker with a Graph whose answers are altered. It lasts as long as the test.
pub(super) async fn worker_of(scene: &Scene, alter: Alter) -> worker::App {
    let login = stand_in().await.origin();
    // reqwest wants a TLS provider even for plain HTTP. An error says that there is one already.
    drop(rustls::crypto::ring::default_provider().install_default());
    let client = reqwest::Client::builder().no_proxy().build().expect("a client");
    let between = Between { client, graph: login.clone(), alter };
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.expect("a free port");
    let graph = format!("http://{}", listener.local_addr().expect("a bound socket has an address"));
    let routes = Router::new().fallback(answer).with_state(between);
    tokio::spawn(async move { axum::serve(listener, routes).await });

    let overrides = microsoft::Overrides::parse(|name| match name {
        "MICROSOFT_LOGIN_ORIGIN_GLOBAL" => Some(login.clone()),
        "MICROSOFT_GRAPH_ORIGIN_GLOBAL" => Some(graph.clone()),
        _ => None,
    });
    let provider = microsoft::Provider::new(&overrides.expect("origins")).expect("a client");
    worker::App { provider: Box::new(provider), ..scene.worker().await }
}

async fn answer(State(between): State<Between>, uri: Uri, headers: HeaderMap) -> Response {
    let token = headers.get(header::AUTHORIZATION).expect("Graph is asked with a token").clone();
    let asked = between.client.get(format!("{}{uri}", between.graph)).header(header::AUTHORIZATION, token);
    let body = asked.send().await.expect("the stand-in answers").bytes().await.expect("with a body");
    let mut document = serde_json::from_slice(&body).expect("in JSON");
    let status = (between.alter)(uri.path(), &mut document);
    (status, Json(document)).into_response()
}
