//! Deletes many items by their keys. What DynamoDB leaves unprocessed is sent again: no item stays because it was busy.

use std::collections::HashSet;

use aws_sdk_dynamodb::types::{DeleteRequest, WriteRequest};

use crate::Store;
use crate::backoff::Backoff;
use crate::error::StoreError;
use crate::key::Key;

/// Items in one request (the limit of `BatchWriteItem`).
const BATCH: usize = 25;

impl Store {
    /// Deletes the items under these keys. One that does not exist is as good as deleted.
    pub(crate) async fn batch_delete(&self, keys: impl IntoIterator<Item = Key>) -> Result<(), StoreError> {
        // DynamoDB refuses a request that names a key twice.
        let keys: HashSet<Key> = keys.into_iter().collect();
        let requests: Vec<WriteRequest> = keys.into_iter().map(delete).collect();
        for batch in requests.chunks(BATCH) {
            self.delete_all(batch.to_vec()).await?;
        }
        Ok(())
    }

    async fn delete_all(&self, mut wanted: Vec<WriteRequest>) -> Result<(), StoreError> {
        let mut backoff = Backoff::default();
        loop {
            let sent = wanted.len();
            let request = self.client.batch_write_item().request_items(&self.settings.table, wanted);
            let output = request.send().await.map_err(|error| StoreError::of("BatchWriteItem", error))?;
            let unprocessed = output.unprocessed_items.and_then(|mut tables| tables.remove(&self.settings.table));
            wanted = unprocessed.unwrap_or_default();
            if wanted.is_empty() {
                return Ok(());
            }
            // What was deleted is progress; only answers without any are counted.
            if wanted.len() < sent {
                backoff = Backoff::default();
            }
            let Some(wait) = backoff.next() else { return Err(StoreError::Unprocessed(wanted.len())) };
            tokio::time::sleep(wait).await;
        }
    }
}

fn delete(key: Key) -> WriteRequest {
    let delete = DeleteRequest::builder().set_key(Some(key.attributes())).build();
    WriteRequest::builder().delete_request(delete.expect("the key is set")).build()
}
