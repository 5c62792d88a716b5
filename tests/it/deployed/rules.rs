//! What the template refuses and limits: stand-ins outside the stage of tests, callers without a token, and code from elsewhere.

use std::collections::{BTreeMap, BTreeSet};

use harness::emulator::REGION;
use harness::python::Python;
use harness::template::part;
use harness::workspace::Workspace;
use serde_json::{Value, json};

/// What SAM makes of the template.
fn made() -> Value {
    let python = Python::prepare(&Workspace::locate().unwrap()).unwrap();
    let template = concat!(env!("CARGO_MANIFEST_DIR"), "/../template.yaml");
    let made = python.script("transformed.py").arg(template).env("AWS_DEFAULT_REGION", REGION).output().unwrap();
    serde_json::from_slice(&made.stdout).unwrap_or_else(|_| panic!("{}", String::from_utf8_lossy(&made.stderr)))
}

/// What a function of CloudFormation's is worth with these parameters.
fn value(function: &Value, parameters: &BTreeMap<&str, &str>) -> Value {
    let of = |part: &Value| value(part, parameters);
    let Some((name, argument)) = function.as_object().and_then(|function| function.iter().next()) else {
        return function.clone();
    };
    match name.as_str() {
        "Ref" => json!(parameters[argument.as_str().unwrap()]),
        "Fn::Equals" => json!(of(&argument[0]) == of(&argument[1])),
        "Fn::Not" => json!(of(&argument[0]) == false),
        other => panic!("what is {other}?"),
    }
}

/// What stands in for Microsoft is for the stage of tests alone, and production has somebody who hears its alarms.
#[test]
fn a_deployment_that_must_not_be_is_refused_by_the_templates_rules() {
    let made = made();
    let refused = |parameters: &[(&str, &str)]| -> Vec<String> {
        let defaults = [("Stage", "production"), ("AlarmTopicArn", ""), ("StandIns", "")];
        let parameters: BTreeMap<&str, &str> = defaults.into_iter().chain(parameters.iter().copied()).collect();
        let rules = made["Rules"].as_object().unwrap().values();
        let rules = rules.filter(|rule| value(&rule["RuleCondition"], &parameters) == true);
        let assertions = rules.flat_map(|rule| rule["Assertions"].as_array().unwrap());
        let broken = assertions.filter(|it| value(&it["Assert"], &parameters) == false);
        broken
            .map(|it| it["AssertDescription"].as_str().unwrap().split([':', ' ']).next().unwrap().to_owned())
            .collect()
    };
    let (topic, stand_in) = (("AlarmTopicArn", "arn:aws:sns:eu-central-1:1:topic"), ("StandIns", "A=B"));
    let none: [&str; 0] = [];
    assert_eq!(refused(&[]), ["The"], "production without a topic");
    assert_eq!(refused(&[topic]), none);
    assert_eq!(refused(&[topic, stand_in]), ["StandIns"]);
    assert_eq!(refused(&[("Stage", "staging")]), none);
    assert_eq!(refused(&[("Stage", "staging"), stand_in]), ["StandIns"]);
    assert_eq!(refused(&[("Stage", "local"), stand_in]), none);
    for (name, default) in [("Stage", "production"), ("AlarmTopicArn", ""), ("StandIns", "")] {
        assert_eq!(part::<String>(&format!("/Parameters/{name}/Default")).unwrap(), default);
    }
    // Nothing else in a function's environment is an address that could be another's.
    let worker: serde_json::Map<String, Value> =
        part("/Resources/WorkerFunction/Properties/Environment/Variables").unwrap();
    let is_address = |name: &&String| ["ORIGIN", "ENDPOINT", "CA_FILE"].iter().any(|it| name.contains(it));
    assert_eq!(worker.keys().filter(is_address).count(), 0);
    assert_eq!(worker["STAND_INS"], "StandIns");
}

#[test]
fn whoever_has_no_token_shares_a_small_throttle_and_nothing_with_those_who_have_one() {
    let default = |limit: &str| -> u64 {
        let parameter: String = part(&format!("/Resources/Api/Properties/DefaultRouteSettings/{limit}")).unwrap();
        part(&format!("/Parameters/{parameter}/Default")).unwrap()
    };
    let routes: serde_json::Map<String, Value> = part("/Resources/Api/Properties/RouteSettings").unwrap();
    let events: serde_json::Map<String, Value> = part("/Resources/ViewerFunction/Properties/Events").unwrap();
    let anonymous = events.values().filter(|event| event["Properties"]["Auth"].is_null());
    let anonymous: BTreeSet<_> = anonymous
        .map(|event| match (event["Properties"]["Method"].as_str(), event["Properties"]["Path"].as_str()) {
            (Some(method), Some(path)) => format!("{method} {path}"),
            _ => "$default".to_owned(),
        })
        .collect();
    assert_eq!(routes.keys().cloned().collect::<BTreeSet<_>>(), anonymous);
    assert_eq!(routes.keys().collect::<Vec<_>>(), ["$default", "GET /openapi.json", "HEAD /openapi.json"]);
    for (route, settings) in &routes {
        for limit in ["ThrottlingRateLimit", "ThrottlingBurstLimit"] {
            assert!(settings[limit].as_u64().unwrap() * 10 <= default(limit), "{route} {limit}");
        }
    }
}

/// Without a default a route that says nothing is public: all but the contract and what no route matches name the authorizer. API Gateway
/// is asked to fail on warnings, and a security scheme that nobody defines may be one.
#[test]
fn every_other_route_has_the_authorizer_and_sam_makes_no_scheme_that_is_not_defined() {
    let made = made();
    let body = &made["Resources"]["Api"]["Properties"]["Body"];
    assert_eq!(made["Resources"]["Api"]["Properties"]["FailOnWarnings"], true);
    let schemes = body["components"]["securitySchemes"].as_object().unwrap();
    assert_eq!(schemes.keys().collect::<Vec<_>>(), ["Token"]);
    // Without a value the list is empty, and the authorizer stays: it is none that a token may do without.
    let scopes = json!([{ "Fn::If": ["HasMachineRole", { "Ref": "AWS::NoValue" }, { "Ref": "JwtScope" }] }]);
    let mut public = BTreeSet::new();
    for (path, methods) in body["paths"].as_object().unwrap() {
        for (method, operation) in methods.as_object().unwrap() {
            match &operation["security"] {
                Value::Null => drop(public.insert(format!("{method} {path}"))),
                security => assert_eq!(*security, json!([{ "Token": scopes }]), "{method} {path}"),
            }
        }
    }
    let expected = ["get /openapi.json", "head /openapi.json", "x-amazon-apigateway-any-method /$default"];
    assert_eq!(public.iter().collect::<Vec<_>>(), expected);
    // A browser of these origins may send what the API reads and see what it answers; unless there are some, none may.
    let cors = &body["x-amazon-apigateway-cors"]["Fn::If"];
    assert_eq!((&cors[0], &cors[2]), (&json!("HasCorsOrigins"), &json!({ "Ref": "AWS::NoValue" })));
    let expected = json!({
        "allowOrigins": { "Fn::Split": [",", ""] },
        "allowMethods": ["GET", "HEAD", "POST"],
        "allowHeaders": ["authorization", "content-type", "idempotency-key", "if-none-match"],
        "exposeHeaders": ["etag", "location", "retry-after"],
        "maxAge": 600,
    });
    assert_eq!(cors[1], expected, "the list is empty unless the deployment says so");
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

/// `sam deploy --guided` shows each parameter with its description alone.
#[test]
fn every_parameter_says_what_it_is_and_what_it_takes() {
    let parameters: serde_json::Map<String, Value> = part("/Parameters").unwrap();
    let groups: Vec<Value> = part("/Metadata/AWS::CloudFormation::Interface/ParameterGroups").unwrap();
    let grouped: BTreeSet<&str> =
        groups.iter().flat_map(|it| it["Parameters"].as_array().unwrap()).filter_map(Value::as_str).collect();
    assert_eq!(grouped, parameters.keys().map(String::as_str).collect());
    for (name, parameter) in &parameters {
        assert!(parameter["Description"].as_str().is_some_and(|text| text.len() > 20), "{name} is not described");
        let is_bounded =
            ["AllowedPattern", "AllowedValues", "MinValue", "MinLength"].iter().any(|it| parameter.get(it).is_some());
        // The worker reads it, and does not start with what it cannot.
        assert!(is_bounded || name == "StandIns", "{name} takes anything");
    }
    let outputs: serde_json::Map<String, Value> = part("/Outputs").unwrap();
    assert!(outputs.values().all(|it| it["Description"].is_string()));
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

/// A stack of another stage must not update the first one's, and what is built for a processor must be deployed for it.
#[test]
fn each_environment_of_the_example_settings_is_a_stack_of_its_own() {
    let settings = include_str!("../../../samconfig.example.toml");
    let of = |environment: &str, key: &str| {
        let section = settings.split_once(&format!("[{environment}.global.parameters]\n")).unwrap().1;
        let line =
            section.lines().take_while(|line| !line.starts_with('[')).find(|line| line.starts_with(key)).unwrap();
        line.split_once(" = ").unwrap().1.to_owned()
    };
    let mut stacks = BTreeSet::new();
    for (environment, stage) in [("default", "production"), ("staging", "staging")] {
        assert!(stacks.insert(of(environment, "stack_name")), "{environment}");
        let parameters = of(environment, "parameter_overrides");
        assert!(
            parameters.contains(&format!("\"Stage={stage}\"")) && parameters.contains("\"Architecture="),
            "{parameters}"
        );
    }
    // It hashes the whole of target/.
    assert!(!settings.contains("cached"));
    // `--guided` writes into samconfig.toml, which is nobody else's.
    assert!(include_str!("../../../.gitignore").lines().any(|line| line == "samconfig.toml"));
}

/// Paths begin at the root, and a token counts by issuer, audience and scope; without a scope an ID token of the audience would. Where a role
/// does instead, the functions ask for it.
#[test]
fn the_gateway_stands_at_the_root_and_asks_for_issuer_audience_and_scope() {
    let api = |rest: &str| part::<Value>(&format!("/Resources/Api/Properties/{rest}")).unwrap();
    assert_eq!(api("StageName"), "$default", "`Location: /runs/1` is a path from the root");
    let token = api("Auth/Authorizers/Token");
    assert_eq!(token["IdentitySource"], "$request.header.Authorization");
    assert_eq!(token["AuthorizationScopes"], json!([["HasMachineRole", "AWS::NoValue", "JwtScope"]]));
    assert_eq!(token["JwtConfiguration"], json!({ "issuer": "JwtIssuer", "audience": [",", "JwtAudience"] }));
    assert_eq!(part::<String>("/Parameters/MachineRole/Default").unwrap(), "");
    for function in ["StartFunction", "ViewerFunction", "AcknowledgeFunction"] {
        let of = |name: &str| {
            part::<String>(&format!("/Resources/{function}/Properties/Environment/Variables/{name}")).unwrap()
        };
        assert_eq!((of("JWT_SCOPE"), of("MACHINE_ROLE")), ("JwtScope".to_owned(), "MachineRole".to_owned()));
    }
    assert_eq!(part::<u64>("/Parameters/JwtScope/MinLength").unwrap(), 1);
    assert_eq!(part::<String>("/Parameters/UserIdClaim/Default").unwrap(), "sub");
}
