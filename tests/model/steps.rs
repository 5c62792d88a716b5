//! The steps of each process: which are possible, and what each of them does.
//!
//! A process dies, loses a send or gives a write up in a step of its own, so it may do so before and after each step. Where two steps
//! differ in nothing that another process can see, they are one: a worker's read of the latest run follows its claim at once, because
//! reading later only means knowing more.

pub(crate) mod clock;
pub(crate) mod reconciler;
pub(crate) mod start;
pub(crate) mod worker;
