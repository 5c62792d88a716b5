//! The template's numbers. The times that can be chosen fit each other: none can be deployed with which no check fits into an invocation,
//! or with which a message comes back while its worker may still hold the run. What is deployed unless somebody chooses is what the
//! documents tell, and what the harness and the command line take for granted.

use std::collections::BTreeMap;
use std::time::Duration;

use clap::Parser;
use domain::bounds::Bounds;
use harness::scene::BOUNDS;
use harness::template::part;
use serde_json::{Value, json};
use tenantcheck::arguments::{Release, Times as Options};

#[derive(serde::Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Times {
    check_budget: String,
    visibility: String,
}

/// What the worker keeps for storing the outcome of a check.
const WRITING_SECONDS: u32 = 10;

#[test]
fn every_timeout_of_the_worker_has_times_that_fit_it() {
    let allowed: Vec<u32> = part("/Parameters/WorkerTimeoutSeconds/AllowedValues").unwrap();
    let times: BTreeMap<String, Times> = part("/Mappings/Times").unwrap();
    assert_eq!(times.len(), allowed.len());
    for timeout in allowed {
        let times = &times[&timeout.to_string()];
        let (budget, visibility): (u32, u32) = (times.check_budget.parse().unwrap(), times.visibility.parse().unwrap());
        assert!(budget + WRITING_SECONDS <= timeout, "{timeout} s are too few for a check of {budget} s");
        assert!(visibility >= 6 * timeout, "Lambda asks for six times {timeout} s, not {visibility} s");
    }
    let receives: u32 = part("/Parameters/MaxReceiveCount/Default").unwrap();
    assert!(receives >= 5);
}

/// The command line's options of a deployment's times, and what else it shares with the template.
#[derive(Parser)]
struct CommandLine {
    #[command(flatten)]
    times: Options,
    #[command(flatten)]
    release: Release,
}

#[test]
fn the_defaults_are_those_of_the_documents() {
    let defaults = json!({
        "WorkerTimeoutSeconds": 60, "MaxReceiveCount": 5, "PatienceSeconds": 120, "RunDeadlineSeconds": 21_600, "PropagationSeconds": 900,
        "RunRetentionDays": 90, "AuditRetentionDays": 400, "Architecture": "x86_64",
    });
    for (name, expected) in defaults.as_object().unwrap() {
        assert_eq!(part::<Value>(&format!("/Parameters/{name}/Default")).unwrap(), *expected, "{name}");
    }
    assert_eq!(part::<Value>("/Mappings/Times/60").unwrap(), json!({ "CheckBudget": "45", "Visibility": "360" }));
    let bounds = Bounds {
        worker_timeout: Duration::from_mins(1),
        patience: Duration::from_mins(2),
        run_deadline: Duration::from_hours(6),
    };
    let options = CommandLine::parse_from(["it", "7", "--table", "it"]);
    assert_eq!([BOUNDS, options.times.bounds()], [bounds; 2]);
    let settings = options.release.settings();
    let days = [settings.run_retention, settings.audit_retention].map(|time| time.as_secs() / (24 * 60 * 60));
    assert_eq!(days, [90, 400]);
}

#[test]
fn the_queue_the_batch_and_the_round_are_those_of_the_documents() {
    let of = |resource: &str, property: &str| {
        part::<Value>(&format!("/Resources/{resource}/Properties/{property}")).unwrap()
    };
    let mapping = "Events/Verifications/Properties";
    assert_eq!(of("WorkerFunction", &format!("{mapping}/BatchSize")), json!(10));
    assert_eq!(of("WorkerFunction", &format!("{mapping}/FunctionResponseTypes")), json!(["ReportBatchItemFailures"]));
    assert_eq!(
        of("WorkerFunction", &format!("{mapping}/ScalingConfig/MaximumConcurrency")),
        json!(["Sizes", "Size", "WorkerConcurrency"])
    );
    assert_eq!(of("WorkerFunction", "Timeout"), json!("WorkerTimeoutSeconds"));
    assert_eq!(
        of("WorkerFunction", "Environment/Variables/MAX_RECEIVE_COUNT"),
        json!("MaxReceiveCount"),
        "as the queue"
    );
    assert_eq!(of("ReconcilerFunction", "Events/EachMinute/Properties/Schedule"), json!("rate(1 minute)"));
    assert_eq!(of("ReconcilerFunction", "EventInvokeConfig/MaximumRetryAttempts"), json!(0), "the next round follows");
    assert!(of("ReconcilerFunction", "Timeout").as_u64().unwrap() < 60, "a round ends before the next one");
    assert_eq!(of("DeadLetterQueue", "MessageRetentionPeriod"), json!(14 * 24 * 60 * 60));
    assert_eq!(of("Queue", "VisibilityTimeout"), json!(["Times", "WorkerTimeoutSeconds", "Visibility"]));
    for function in ["StartFunction", "ViewerFunction", "AcknowledgeFunction"] {
        assert_eq!(of(function, "Timeout"), json!(10), "{function}");
    }
    for function in ["StartFunction", "ViewerFunction", "AcknowledgeFunction", "WorkerFunction", "ReconcilerFunction"] {
        let properties: Value = part(&format!("/Resources/{function}/Properties")).unwrap();
        assert!(properties.get("ReservedConcurrentExecutions").is_none(), "{function} would take it from others");
    }
    let redrive = json!({ "deadLetterTargetArn": "DeadLetterQueue.Arn", "maxReceiveCount": "MaxReceiveCount" });
    assert_eq!(of("Queue", "RedrivePolicy"), redrive);
}

#[test]
fn four_parameters_have_to_be_given() {
    let parameters: BTreeMap<String, Value> = part("/Parameters").unwrap();
    let needed: Vec<_> =
        parameters.iter().filter(|(_, it)| it.get("Default").is_none()).map(|(name, _)| name).collect();
    assert_eq!(needed, ["ConsoleBaseUrl", "JwtAudience", "JwtIssuer", "JwtScope"]);
}

/// A new AWS account runs ten functions at once: the workers leave some for those who ask. SQS takes no maximum below two.
#[test]
fn each_size_is_one_that_lambda_takes_and_the_small_one_fits_a_new_account() {
    let sizes: BTreeMap<String, BTreeMap<String, u32>> = part("/Mappings/Sizes").unwrap();
    let allowed: Vec<String> = part("/Parameters/Size/AllowedValues").unwrap();
    assert_eq!(sizes.keys().collect::<Vec<_>>(), ["large", "small"]);
    assert_eq!(
        (allowed, part::<String>("/Parameters/Size/Default").unwrap()),
        (vec!["small".into(), "large".into()], "small".into())
    );
    let of = |size: &str| (sizes[size]["WorkerConcurrency"], sizes[size]["WorkerMemory"]);
    assert_eq!((of("small"), of("large")), ((3, 256), (20, 512)));
}

/// What the table promises beside its keys: nothing is lost by a mistake, and nothing lies there in the clear or for ever.
#[test]
fn the_table_is_kept_encrypted_and_can_be_put_back_in_time() {
    let of = |property: &str| part::<Value>(&format!("/Resources/Table/Properties/{property}")).unwrap();
    assert_eq!(of("PointInTimeRecoverySpecification/PointInTimeRecoveryEnabled"), json!(true));
    assert_eq!(of("SSESpecification/SSEEnabled"), json!(true));
    assert_eq!(of("TimeToLiveSpecification"), json!({ "AttributeName": "ttl", "Enabled": true }));
    assert_eq!(of("DeletionProtectionEnabled"), json!(["IsProduction", true, false]));
    assert_eq!(of("BillingMode"), json!("PAY_PER_REQUEST"));
    assert_eq!(part::<String>("/Resources/Table/UpdateReplacePolicy").unwrap(), "Retain");
    assert_eq!(part::<String>("/Resources/Table/DeletionPolicy").unwrap(), "RetainExceptOnCreate");
    for queue in ["Queue", "DeadLetterQueue"] {
        assert!(part::<bool>(&format!("/Resources/{queue}/Properties/SqsManagedSseEnabled")).unwrap());
    }
}
