//! What each function may do on AWS, as the template says it: a change here is a change of rights and is seen as one.

use std::fmt::Write;

use harness::template::resource_properties;
use serde_json::Value;

fn statements(function: &str) -> Vec<Value> {
    let policies = match function {
        "WorkerFunction" => {
            let role: Value = resource_properties("WorkerRole").unwrap();
            role["Policies"][0]["PolicyDocument"]["Statement"].clone()
        }
        inline => {
            let function: Value = resource_properties(inline).unwrap();
            function["Policies"][0]["Statement"].clone()
        }
    };
    policies.as_array().unwrap().clone()
}

fn each(value: &Value) -> Vec<&str> {
    match value {
        Value::Array(all) => all.iter().flat_map(each).collect(),
        one => vec![one.as_str().unwrap()],
    }
}

#[test]
fn each_function_has_the_rights_that_its_calls_need() {
    let mut text = String::new();
    for function in ["StartFunction", "AcknowledgeFunction", "ViewerFunction", "WorkerFunction", "ReconcilerFunction"] {
        writeln!(text, "{function}").unwrap();
        for statement in statements(function) {
            assert_eq!(statement["Effect"], "Allow");
            writeln!(text, "  {}", each(&statement["Action"]).join(" ")).unwrap();
            for resource in each(&statement["Resource"]) {
                writeln!(text, "    on {resource}").unwrap();
            }
        }
    }
    insta::assert_snapshot!("rights", text);
}

#[test]
fn the_viewer_only_reads() {
    for statement in statements("ViewerFunction") {
        for action in each(&statement["Action"]) {
            let (_, verb) = action.split_once(':').unwrap();
            assert!(["BatchGet", "Get", "Query"].iter().any(|read| verb.starts_with(read)), "{action}");
        }
    }
}
