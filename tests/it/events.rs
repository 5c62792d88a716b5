//! The events of `events/`, one for each function, for `sam local`: each is what AWS sends, and the function does its work with it. CI sends
//! them to the functions in a container, too (`.ci/sam-local`).

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use domain::id::RunId;
use domain::operation_run::{OperationRun, RunHeader};
use harness::edge::Edge;
use harness::microsoft::Scenario;
use harness::sam_local;
use harness::scene::{Scene, now};
use harness::stack::Ports;
use harness::template::part;
use lambda_http::request;
use serde_json::{Map, Value};

use crate::worker::{deliver, stored};

fn folder() -> PathBuf {
    PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../events"))
}

fn text(function: &str) -> String {
    std::fs::read_to_string(folder().join(function).with_extension("json")).unwrap()
}

fn event(function: &str) -> Value {
    serde_json::from_str(&text(function)).unwrap()
}

/// The functions of the template by their binaries.
fn functions() -> BTreeMap<String, Value> {
    let resources: Map<String, Value> = part("/Resources").unwrap();
    let functions = resources.into_iter().filter(|(_, it)| it["Type"] == "AWS::Serverless::Function");
    functions.map(|(_, it)| (it["Metadata"]["BuildProperties"]["Binary"].as_str().unwrap().to_owned(), it)).collect()
}

#[test]
fn each_function_has_an_event_of_its_own_kind() {
    let files = std::fs::read_dir(folder()).unwrap().map(|entry| entry.unwrap().path());
    let files: BTreeSet<_> = files.map(|path| path.file_stem().unwrap().to_str().unwrap().to_owned()).collect();
    let functions = functions();
    assert_eq!(files, functions.keys().cloned().collect());
    for (name, function) in functions {
        let (event, sources) = (event(&name), &function["Properties"]["Events"]);
        let sources: Vec<_> = sources.as_object().unwrap().values().collect();
        match sources[0]["Type"].as_str().unwrap() {
            "HttpApi" => assert_is_routed(&event, &sources),
            "SQS" => assert_eq!(event["Records"][0]["eventSource"], "aws:sqs", "{name}"),
            "Schedule" => assert_eq!(event["detail-type"], "Scheduled Event", "{name}"),
            other => panic!("{name} has an event of the type {other}"),
        }
    }
}

/// Holds that the gateway sends the request to this function, with a token that it checked and with what it made of the path.
fn assert_is_routed(event: &Value, sources: &[&Value]) {
    let route = event["routeKey"].as_str().unwrap();
    assert_eq!(event["requestContext"]["routeKey"], route);
    let is_of_route = |source: &&&Value| {
        let (method, path) = (source["Properties"]["Method"].as_str(), source["Properties"]["Path"].as_str());
        method.zip(path).is_some_and(|(method, path)| format!("{method} {path}") == route)
    };
    assert!(sources.iter().any(|source| is_of_route(&source)), "{route} is no route of the function");
    let mut path = route.split_once(' ').unwrap().1.to_owned();
    for (name, value) in event["pathParameters"].as_object().unwrap() {
        path = path.replace(&format!("{{{name}}}"), value.as_str().unwrap());
    }
    assert_eq!([&event["rawPath"], &event["requestContext"]["http"]["path"]], [&path, &path]);
    let claims = event["requestContext"]["authorizer"]["jwt"]["claims"].as_object().unwrap();
    // The gateway makes texts of them all.
    assert!(claims["sub"].is_string() && claims.values().all(Value::is_string), "{claims:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn each_function_does_its_work_with_its_event() {
    let scene = Scene::new(Scenario::MissingPermission).await;
    let edge = Edge::of(&scene);
    let run: u64 = event("viewer")["pathParameters"]["run_id"].as_str().unwrap().parse().unwrap();
    let run = RunId::try_from(run).unwrap();
    scene.open(OperationRun::queue(RunHeader { id: run, ..scene.header() })).await;

    let batch: aws_lambda_events::event::sqs::SqsEvent = serde_json::from_str(&text("worker")).unwrap();
    assert_eq!(deliver(&scene.worker().await, batch.records).await, Vec::<String>::new());
    assert!(!stored(&scene, run).await.run.is_active(), "the worker has ended the run");

    let answer = async |function: &str| edge.send_event(request::from_str(&text(function)).unwrap()).await;
    let shown = answer("viewer").await;
    assert_eq!((shown.status, &shown.json()["id"]), (200, &run.get().into()), "{}", shown.text);
    let acknowledged = answer("acknowledge").await;
    assert_eq!((acknowledged.status, &acknowledged.json()["report_id"]), (201, &run.get().into()));
    let started = answer("start").await;
    assert_eq!((started.status, &started.json()["start_result"]), (202, &"accepted".into()), "{}", started.text);
    // What a schedule sends says nothing, so the function takes any JSON.
    assert!(event("reconciler").is_object());
    reconciler::tick(&scene.reconciler(), now() + std::time::Duration::from_secs(50)).await.unwrap();
}

/// `sam local` gives a function no variable that the template does not declare, the name of a resource for the resource, and nothing for what
/// is looked up.
#[test]
fn the_file_for_sam_local_says_what_the_template_leaves_open_and_nothing_that_is_not_declared() {
    let resources: Map<String, Value> = part("/Resources").unwrap();
    let parameters: Map<String, Value> = part("/Parameters").unwrap();
    let shared: Map<String, Value> = part("/Globals/Function/Environment/Variables").unwrap();
    let mut declared = shared;
    for function in functions().into_values() {
        declared.extend(function["Properties"]["Environment"]["Variables"].as_object().unwrap().clone());
    }
    let variables = sam_local::variables("table", "queue", Ports { aws: 1, issuer: 2, microsoft: 3 }).unwrap();
    let given = variables["Parameters"].as_object().unwrap();
    for name in given.keys() {
        assert!(declared.contains_key(name), "sam local would not pass {name} on");
    }
    for (name, value) in &declared {
        // A list is the argument of a function that looks something up.
        let is_open = value.as_str().is_none_or(|reference| {
            let parameter = parameters.get(reference);
            resources.contains_key(reference) || parameter.is_some_and(|parameter| parameter.get("Default").is_none())
        });
        assert!(!is_open || given.contains_key(name), "nothing says what {name} is");
    }
}
