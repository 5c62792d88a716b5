//! The local stack: everything that `cargo dev` and the integration tests need to run the product on one machine,
//! without an AWS account and without containers. An AWS emulator, the deployed template, a token issuer and a
//! stand-in for Microsoft; production code is never told that it is not the real thing.

pub mod api;
pub mod chaos;
pub mod contract;
pub mod customer;
pub mod damage;
pub mod deploy;
pub mod directory;
pub mod edge;
pub mod emulator;
pub mod fault_proxy;
pub mod functions;
pub mod issuer;
pub mod lambda;
pub mod microsoft;
pub mod private_tls;
pub mod processes;
pub mod progress;
pub mod python;
pub mod queue;
mod run_attributes;
pub mod sam_local;
pub mod scene;
pub mod shared;
pub mod stack;
pub mod table;
pub mod template;
pub mod views;
pub mod workspace;

pub use run_attributes::run_attributes;
