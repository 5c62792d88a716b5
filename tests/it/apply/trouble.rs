//! What AWS does now and then.

use harness::fault_proxy::Fault;
use serde_json::json;

use super::{CONNECTION, Directory, example, example_with};

super::on_both_emulators! {
    lost_answers_conflicts_and_unprocessed_keys_are_got_over,
    a_refused_write_is_code_1_and_the_same_file_does_the_rest,
}

async fn lost_answers_conflicts_and_unprocessed_keys_are_got_over(directory: Directory) {
    let (directory, proxy) = directory.through_proxy().await;
    proxy.inject(Fault::Cancelled { code: "TransactionConflict", places: &[0] });
    proxy.inject(Fault::LostAnswer { operation: "TransactWriteItems" });
    let created = directory.apply(&example()).await.unwrap();
    assert_eq!(created.changes().count(), 14);

    proxy.inject(Fault::Unprocessed { keys: 4 });
    let again = directory.apply(&example()).await.unwrap();
    assert_eq!(again.changes().count(), 0, "an entry without an answer is not a missing entry");
    assert_eq!(proxy.faults_left(), 0);
}

async fn a_refused_write_is_code_1_and_the_same_file_does_the_rest(directory: Directory) {
    let (directory, proxy) = directory.through_proxy().await;
    directory.apply(&example()).await.unwrap();
    let before = directory.items().await;
    proxy.inject(Fault::Error { operation: "TransactWriteItems", code: "AccessDeniedException" });
    let file = example_with(&format!("{CONNECTION}/is_enabled"), json!(false));
    let error = directory.apply(&file).await.expect_err("denied");
    assert_eq!(error.exit().code(), 1);
    let text = error.to_string();
    assert!(text.starts_with("workspace 1 was not written, nor anything after it; 0 of 2 transactions were"), "{text}");
    assert!(text.ends_with("apply the file again to write the rest"), "{text}");
    assert_eq!(directory.items().await, before);
    assert_eq!(directory.apply(&file).await.unwrap().changes().count(), 1);
}
