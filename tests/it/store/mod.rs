//! The store against DynamoDB's protocol: every scenario runs on both emulators, behind a proxy that injects what neither gives.

mod bench;
mod claiming;
mod completing;
mod damage;
mod late_writers;
mod listing;
mod opening;
mod racing;
mod reading;
mod seeds;
mod sizes;
mod start_conditions;
mod trouble;
mod viewing;

/// Makes a test of each scenario on each emulator.
macro_rules! on_both_emulators {
    ($($scenario:ident,)+) => {
        mod ministack {
            $(#[tokio::test]
            async fn $scenario() {
                super::$scenario(&crate::store::bench::Bench::on_ministack().await).await;
            })+
        }

        mod dynoxide {
            $(#[tokio::test]
            async fn $scenario() {
                super::$scenario(&crate::store::bench::Bench::on_dynoxide().await).await;
            })+
        }
    };
}

use on_both_emulators;
