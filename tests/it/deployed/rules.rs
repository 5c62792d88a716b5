//! What the template refuses and limits: stand-ins outside the stage of tests, callers without a token, and code from elsewhere.

use std::collections::BTreeSet;

use harness::template::part;
use serde_json::{Value, json};

#[test]
fn what_stands_in_for_microsoft_and_aws_is_refused_outside_the_local_stage() {
    let groups: Vec<Value> = part("/Metadata/AWS::CloudFormation::Interface/ParameterGroups").unwrap();
    let is_stand_in = |group: &&Value| group["Label"]["default"].as_str().unwrap().starts_with("Stand-ins");
    let stand_ins = groups.iter().find(is_stand_in).unwrap()["Parameters"].as_array().unwrap();
    let stand_ins: BTreeSet<_> = stand_ins.iter().map(|name| name.as_str().unwrap().to_owned()).collect();
    // Every parameter that says so of itself is among them.
    let parameters: serde_json::Map<String, Value> = part("/Parameters").unwrap();
    let for_tests = parameters.iter().filter(|(_, it)| {
        it["Description"].as_str().is_some_and(|text| text.starts_with("Replaces") || text.contains("PEM file"))
    });
    assert_eq!(stand_ins, for_tests.map(|(name, _)| name.clone()).collect());
    assert!(stand_ins.iter().all(|name| parameters[name]["Default"] == ""));

    let rule: Value = part("/Rules/StandInsAreForTheLocalStage").unwrap();
    let text = include_str!("../../../template.yaml");
    assert!(text.contains("RuleCondition: !Not [!Equals [!Ref Stage, local]]"), "in every other stage");
    let asserted = rule["Assertions"].as_array().unwrap().iter().map(|assertion| {
        let name = assertion["Assert"][0].as_str().unwrap().to_owned();
        assert_eq!(assertion["Assert"], json!([name, ""]));
        assert!(text.contains(&format!("- Assert: !Equals [!Ref {name}, \"\"]")), "{name}");
        assert!(assertion["AssertDescription"].as_str().unwrap().starts_with(&name));
        name
    });
    assert_eq!(asserted.collect::<BTreeSet<_>>(), stand_ins);
}

#[test]
fn whoever_has_no_token_shares_a_small_throttle_and_nothing_with_those_who_have_one() {
    let default: Value = part("/Resources/Api/Properties/DefaultRouteSettings").unwrap();
    let routes: serde_json::Map<String, Value> = part("/Resources/Api/Properties/RouteSettings").unwrap();
    let events: serde_json::Map<String, Value> = part("/Resources/ViewerFunction/Properties/Events").unwrap();
    let anonymous = events.values().filter(|event| event["Properties"]["Auth"]["Authorizer"] == "NONE");
    let anonymous: BTreeSet<_> = anonymous
        .map(|event| match (event["Properties"]["Method"].as_str(), event["Properties"]["Path"].as_str()) {
            (Some(method), Some(path)) => format!("{method} {path}"),
            _ => "$default".to_owned(),
        })
        .collect();
    assert_eq!(routes.keys().cloned().collect::<BTreeSet<_>>(), anonymous);
    for (route, settings) in &routes {
        for limit in ["ThrottlingRateLimit", "ThrottlingBurstLimit"] {
            assert!(settings[limit].as_u64().unwrap() * 10 <= default[limit].as_u64().unwrap(), "{route} {limit}");
        }
    }
}

/// A layer brings files that nobody built from this tree, and among them may be code that runs before a function's own.
#[test]
fn no_function_has_a_layer() {
    let globals: Value = part("/Globals/Function").unwrap();
    assert!(globals.get("Layers").is_none(), "all of them have one");
    let resources: serde_json::Map<String, Value> = part("/Resources").unwrap();
    let is_function = |it: &Value| it["Type"].as_str().is_some_and(|kind| kind.ends_with("::Function"));
    let functions: Vec<_> = resources.iter().filter(|(_, it)| is_function(it)).collect();
    assert_eq!(functions.len(), 5);
    for (name, function) in functions {
        assert!(function["Properties"].get("Layers").is_none(), "{name}");
    }
    assert!(!resources.values().any(|it| it["Type"].as_str().is_some_and(|kind| kind.contains("Layer"))));
}

#[test]
fn start_and_worker_know_the_platforms_own_apps() {
    for function in ["StartFunction", "WorkerFunction"] {
        let apps: Value =
            part(&format!("/Resources/{function}/Properties/Environment/Variables/PLATFORM_APPS")).unwrap();
        assert_eq!(apps, "PlatformApps", "{function}");
    }
    let parameter: Value = part("/Parameters/PlatformApps").unwrap();
    assert_eq!(parameter["Default"], "", "none unless the deployment says so");
}
