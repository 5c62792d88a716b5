//! Looks after active runs, each minute: sends messages again that may be lost, ends what nothing can finish any more, and frees slots
//! that no run needs. It never calls Microsoft, and takes no run away from a worker that holds it.

mod act;
mod app;
mod tick;

pub use app::App;
pub use tick::{Tick, tick};
