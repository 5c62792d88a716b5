//! The HTTP edge that the functions behind the API share: who calls, what they ask for, and how answers and refusals look on the
//! wire. It knows neither the table nor Microsoft, and decides nothing.

pub mod acknowledgement;
pub mod admission;
pub mod caller;
mod compression;
mod conditional;
mod exchange;
pub mod idempotency;
pub mod input;
mod problem;
mod refused;
mod reply;
pub mod route;
pub mod run;
pub mod run_list;
mod serve;
#[cfg(test)]
mod testing;

pub use exchange::{deadline, exchange};
pub use problem::{Problem, SessionHalt};
pub use reply::Reply;
pub use serve::serve;
