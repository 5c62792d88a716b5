//! Through HTTP, against the template as it is deployed, with its policies enforced. What a function decides in detail
//! is tested where its library is called; here it shows that the parts fit: gateway, functions, queue, roles, table.

mod bodies;
mod gateway;
mod hostile;
mod iam;
mod isolation;
mod machines;
mod odd_requests;
mod outcomes;
mod policies;
mod privacy;
mod recovery;
mod refusals;
mod restoring;
mod rights;
mod rules;
mod times;
mod verification;

pub(crate) use iam::{Pair, allowed_pairs, assert_used_and_allowed, pairs};

use std::time::Duration;

use harness::api::Api;
use harness::customer::Customer;
use serde_json::{Value, json};

/// Far beyond what a verification takes when the machine is busy with other tests.
pub(crate) const PATIENCE: Duration = Duration::from_mins(2);

/// Starts a verification of a customer and waits until it is completed.
pub(crate) async fn verified(api: &Api, customer: &Customer) -> Value {
    let started = api.post(&customer.verifications(), &json!({})).await.unwrap();
    assert_eq!(started.status, 202, "{}", started.text());
    api.completed(started.header("location").unwrap(), PATIENCE).await.unwrap()
}
