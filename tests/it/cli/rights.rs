//! The template's policy for operators is what the command line does, and nothing else.

use harness::emulator::REGION;
use harness::fault_proxy::FaultProxy;
use harness::microsoft::Scenario;
use harness::scene::Scene;
use harness::shared;
use harness::template::resource_properties;
use serde_json::Value;

use super::program::tenantcheck_told;
use super::table::Table;
use crate::deployed::{Pair, allowed_pairs, assert_used_and_allowed, pairs};

/// What the parameter store does with KMS in the operator's name.
const NOT_BY_THE_PROGRAM: [&str; 2] = ["kms:Encrypt", "kms:GenerateDataKey"];

#[tokio::test(flavor = "multi_thread")]
async fn operators_may_do_what_the_command_line_does_and_nothing_else() {
    let mut table = Table::on_ministack().await;
    let directory = table.behind_proxy().await;
    table.apply_example("active").await;
    table.apply_example("archived").await;
    table.put_history(2, 41..42).await;
    for arguments in [&["audit", "--workspace", "1"][..], &["forget", "2", "--yes"]] {
        table.tenantcheck(arguments).await.printed(0);
    }

    let scene = Scene::new(Scenario::Healthy).await;
    let run = scene.queued_run().await.header.id.to_string();
    let others = FaultProxy::in_front_of(shared::emulator().await.endpoint()).await.unwrap();
    let environment = [
        ("AWS_ENDPOINT_URL", others.url()),
        ("AWS_REGION", REGION),
        ("AWS_ACCESS_KEY_ID", "test"),
        ("AWS_SECRET_ACCESS_KEY", "test"),
        ("TABLE_NAME", &scene.sandbox.table),
    ];
    let name = format!("/tenantcheck/test/1/{}", shared::unique_name());
    for (told, arguments) in [
        ("", &["runs", "--stuck"][..]),
        ("", &["release", &run, "--yes"]),
        ("s3cret-s3cret", &["credential", "put", &name, "--client-secret"]),
        ("s3cret-s3cret", &["credential", "put", &name, "--client-secret", "--replace"]),
    ] {
        tenantcheck_told(told, arguments, &environment).await.printed(0);
    }

    // STS is asked who calls, which everybody may; its protocol names no operation in a header.
    let of = |proxy: &FaultProxy, table: &str| -> Vec<Pair> {
        let calls = proxy.calls().into_iter().filter(|call| !call.operation.is_empty());
        calls.flat_map(|call| pairs(&call, table, "")).collect()
    };
    let made = of(&directory, table.name()).into_iter().chain(of(&others, &scene.sandbox.table)).collect();
    let policy: Value = resource_properties("OperatorPolicy").unwrap();
    let statements = policy["PolicyDocument"]["Statement"].as_array().unwrap();
    assert_used_and_allowed("an operator", &made, &allowed_pairs(statements, &NOT_BY_THE_PROGRAM.into()));
}
