//! The wire between a process and AWS: requests as the SDK makes them, answers as it reads them, and in between whatever goes wrong.
//! A request that is on its way is no longer its sender's: it arrives even when the sender has died meanwhile.

use std::fmt;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use aws_smithy_runtime_api::client::http::{HttpConnector, HttpConnectorFuture, SharedHttpConnector, http_client_fn};
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use aws_smithy_runtime_api::client::result::ConnectorError;
use aws_types::SdkConfig;
use aws_types::region::Region;
use runtime::Environment;
use serde_json::{Value, json};
use tokio::sync::oneshot;
use tokio::task::spawn_local;
use tokio::time::sleep;

use super::weather::{Fate, Service};
use super::world::{Process, World};

/// An answer of AWS.
#[derive(Debug, Clone)]
pub(super) struct Answer {
    pub(super) status: u16,
    pub(super) body: Value,
}

/// A call as it goes over the wire.
#[derive(Debug, Clone)]
pub(super) struct Call {
    pub(super) service: Service,
    pub(super) operation: String,
    /// The sender's invocation when it was sent.
    pub(super) invocation: u32,
    pub(super) request: Value,
}

/// The wire of one process.
struct Wire {
    world: Arc<World>,
    process: Arc<Process>,
}

/// After this whoever waits for an answer has given up.
const NEVER: Duration = Duration::from_mins(2);

/// The configuration for a process's clients: the product's own, over this wire.
pub(super) fn sdk_config(world: &Arc<World>, process: &Arc<Process>) -> SdkConfig {
    // It reads the certificates of the machine, which takes longer than most of what happens here.
    static PRODUCT: OnceLock<SdkConfig> = OnceLock::new();
    let product = PRODUCT.get_or_init(|| {
        let variable = |name: &str| match name {
            "AWS_ACCESS_KEY_ID" | "AWS_SECRET_ACCESS_KEY" | "AWS_REGION" => Some("chaos".to_owned()),
            "AWS_ENDPOINT_URL" => Some("http://chaos.localhost".to_owned()),
            _ => None,
        };
        runtime::aws::config(&Environment::new(variable)).expect("everything is set")
    });
    let wire = Arc::new(Wire { world: Arc::clone(world), process: Arc::clone(process) });
    let client = http_client_fn(move |_, _| SharedHttpConnector::new(Connector(Arc::clone(&wire))));
    // The SDK shares what is left to retry with between the clients of a region, and each process has its own.
    let region = Region::new(format!("chaos-{}-{}", world.seed(), process.id));
    product.to_builder().region(region).http_client(client).build()
}

struct Connector(Arc<Wire>);

impl fmt::Debug for Connector {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Connector({})", self.0.process.id)
    }
}

impl HttpConnector for Connector {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let Wire { world, process } = self.0.as_ref();
        let call = Call::of(&request, process.invocation());
        let fate = world.fate(process, &call);
        let (tell, told) = oneshot::channel();
        spawn_local(carry(Arc::clone(world), Arc::clone(process), call, fate, tell));
        HttpConnectorFuture::new(async move {
            match told.await {
                Ok(Answer { status, body }) => Ok(response(status, &body)),
                Err(_dropped) => Err(ConnectorError::io("the connection broke".into())),
            }
        })
    }
}

impl Call {
    fn of(request: &HttpRequest, invocation: u32) -> Self {
        let target = request.headers().get("x-amz-target").expect("every service is called by a target");
        let (service, operation) = target.split_once('.').expect("a target has two parts");
        let service = match service {
            "DynamoDB_20120810" => Service::DynamoDb,
            "AmazonSQS" => Service::Sqs,
            "AmazonSSM" => Service::Ssm,
            other => panic!("no function calls {other}"),
        };
        let body = request.body().bytes().expect("the body is in memory");
        let request = serde_json::from_slice(body).expect("the body is JSON");
        Self { service, operation: operation.to_owned(), invocation, request }
    }

    /// What was taken out of a transaction.
    pub(super) fn later(put: Value) -> Self {
        Self { service: Service::DynamoDb, operation: "PutItem".to_owned(), invocation: 0, request: put }
    }
}

fn response(status: u16, body: &Value) -> HttpResponse {
    let status = status.try_into().expect("a status");
    HttpResponse::new(status, body.to_string().into())
}

async fn carry(world: Arc<World>, process: Arc<Process>, call: Call, fate: Fate, tell: oneshot::Sender<Answer>) {
    let perform = || world.perform(&process, &call);
    // Nobody listens any more where the sender has given up.
    let answer = |answer: Answer| drop(tell.send(answer));
    sleep(world.latency()).await;
    match fate {
        Fate::LostRequest => {}
        Fate::Silence => sleep(NEVER).await,
        Fate::Fine => {
            let done = perform();
            sleep(world.latency()).await;
            answer(done);
        }
        Fate::LostAnswer => drop(perform()),
        Fate::Late(after) => {
            sleep(after).await;
            answer(perform());
        }
        Fate::SlowAnswer(after) => {
            let done = perform();
            sleep(after).await;
            answer(done);
        }
        Fate::Twice(after) => {
            answer(perform());
            sleep(after).await;
            drop(perform());
        }
        Fate::Error("TransactionConflict") => answer(conflict(&call.request)),
        Fate::Error(code) => answer(error(code)),
        Fate::Unprocessed(keys) => answer(partly(&world, &process, call, keys)),
        Fate::Vanished => answer(Answer { status: 200, body: json!({ "MessageId": "vanished" }) }),
    }
}

fn error(code: &str) -> Answer {
    let status = if code == "InternalServerError" { 500 } else { 400 };
    Answer { status, body: json!({ "__type": format!("chaos#{code}"), "message": "chaos" }) }
}

/// Another transaction is in the way of the first item. The conditions are not judged.
fn conflict(request: &Value) -> Answer {
    let items = request["TransactItems"].as_array().map_or(0, Vec::len);
    let reason = |place| json!({ "Code": if place == 0 { "TransactionConflict" } else { "None" } });
    let reasons: Vec<_> = (0..items).map(reason).collect();
    let kind = "chaos#TransactionCanceledException";
    Answer { status: 400, body: json!({ "__type": kind, "Message": "chaos", "CancellationReasons": reasons }) }
}

/// A batch of which the last keys are left.
fn partly(world: &Arc<World>, process: &Process, mut call: Call, keys: usize) -> Answer {
    let left = crate::fault_proxy::leave_keys(&mut call.request, keys);
    if crate::fault_proxy::asks_for_nothing(&call.request) {
        return Answer { status: 200, body: json!({ "Responses": {}, "UnprocessedKeys": left }) };
    }
    let mut answer = world.perform(process, &call);
    answer.body["UnprocessedKeys"] = left;
    answer
}
