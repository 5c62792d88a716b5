//! A table that was restored from a backup takes the place of the stack's own, by the parameters that OPERATIONS.md names.

use harness::customer::{OPERATOR, READER};
use harness::microsoft::Scenario;
use harness::shared;

use super::verified;

#[tokio::test(flavor = "multi_thread")]
async fn a_restored_table_is_attached_and_the_stacks_own_stays() {
    let mut stack = shared::own_stack([].into()).await;
    let customer = stack.customer(Scenario::Healthy).await.unwrap();
    let before = verified(&stack.api(OPERATOR), &customer).await;
    let own = stack.deployed().table_name.clone();
    assert_eq!(own, "tenantcheck-local");
    stack.trouble(&["restore", "Table", "tenantcheck-local-restored"]).await.unwrap();
    let after_backup = verified(&stack.api(OPERATOR), &customer).await;

    let attach = [("TableSuffix", "-restored".to_owned()), ("CreateTable", "false".to_owned())];
    stack.deploy_again(attach.into()).unwrap();
    assert_eq!(stack.deployed().table_name, "tenantcheck-local-restored");
    // What was there at the time of the backup is there, with the rights; what came after is not.
    let linus = stack.api(READER);
    let shown = linus.get(&format!("/runs/{}", before["id"])).await.unwrap();
    assert_eq!((shown.status, shown.json().unwrap()), (200, before));
    assert_eq!(linus.get(&format!("/runs/{}", after_backup["id"])).await.unwrap().status, 404);
    let next = verified(&stack.api(OPERATOR), &customer).await;
    assert_eq!(next["outcome"], "succeeded", "every function may use the restored table");

    let tables = aws_sdk_dynamodb::Client::new(&stack.emulator().sdk_config());
    assert!(tables.describe_table().table_name(&own).send().await.is_ok(), "the stack's own table stays");
}
