//! What the code under test logs, for tests that run on one thread.

use std::io;
use std::sync::{Arc, Mutex, PoisonError};

use tracing::subscriber::{DefaultGuard, NoSubscriber, set_default};
use tracing::{Dispatch, Level};

/// Everything that is logged on this thread while this lives.
pub(crate) struct Log {
    written: Written,
    // While there is but one subscriber, whichever thread comes first to a line decides for all whether it is logged, and the other
    // tests' threads have none. With two, each thread is asked.
    _silent: Dispatch,
    _logging: DefaultGuard,
}

#[derive(Clone, Default)]
struct Written(Arc<Mutex<Vec<u8>>>);

impl Log {
    /// From now on, one JSON object a line as the functions write it, down to this level.
    pub(crate) fn of_this_thread(level: Level) -> Self {
        let written = Written::default();
        let writer = written.clone();
        let subscriber = tracing_subscriber::fmt()
            .json()
            .flatten_event(true)
            .with_max_level(level)
            .with_writer(move || writer.clone())
            .finish();
        Self { written, _silent: Dispatch::new(NoSubscriber::new()), _logging: set_default(subscriber) }
    }

    /// What was logged.
    pub(crate) fn text(&self) -> String {
        String::from_utf8_lossy(&self.written.0.lock().unwrap_or_else(PoisonError::into_inner)).into_owned()
    }
}

impl io::Write for Written {
    fn write(&mut self, piece: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).extend_from_slice(piece);
        Ok(piece.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
