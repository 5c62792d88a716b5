//! What every function's `main` wires: settings from the environment, AWS, the table, logs, metrics, the clock and the random
//! numbers. Nothing here knows what the functions do.

pub mod aws;
pub mod clock;
pub mod damage;
pub mod environment;
mod frame;
pub mod logs;
pub mod metric;
mod run;
mod trust;

pub use clock::Clock;
pub use environment::{Environment, SettingError};
pub use frame::Frame;
pub use logs::Chain;
pub use run::{BoxError, run};
