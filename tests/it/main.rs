//! The integration tests, one crate so that they link once. They need Python and the network of this machine, nothing
//! else: the harness starts what they talk to.

#![allow(
    clippy::unwrap_used,
    reason = "a test that cannot go on says so by panicking; also outside the test functions themselves"
)]

mod acknowledge;
mod alarms;
mod apply;
mod architecture;
mod aws_calls;
mod chaos;
mod cli;
mod contract;
mod cost;
mod damage;
mod deployed;
mod events;
mod fair_shares;
mod log;
mod microsoft;
mod mistakes;
mod modules;
mod onboarding;
mod reconciler;
mod start;
mod store;
mod supply_chain;
mod table;
mod trust;
mod viewer;
mod worker;
