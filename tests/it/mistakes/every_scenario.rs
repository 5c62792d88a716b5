//! One verification of every scenario, made once for all tests that look at all of them.

use futures_util::future::try_join_all;
use harness::microsoft::Scenario;
use tokio::sync::OnceCell;

use super::{Verified, verified};

/// What the worker stored for a connection of each scenario.
pub(super) async fn every_scenario() -> &'static [Verified] {
    static SHARED: OnceCell<Vec<Verified>> = OnceCell::const_new();
    let verify = async || {
        let runs = Scenario::ALL.iter().map(|scenario| tokio::spawn(verified(*scenario)));
        try_join_all(runs).await.expect("no verification panics")
    };
    SHARED.get_or_init(verify).await
}
