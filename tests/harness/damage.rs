//! Items that a store leaves out because it cannot read them, as it tells of them.

use std::cell::RefCell;

use store::Damaged;

thread_local! {
    // A test without threads of its own runs on one, so it sees what its own stores tell.
    static TOLD: RefCell<Vec<String>> = const { RefCell::new(Vec::new()) };
}

/// Notes an item for [`told`].
pub fn note(damaged: &Damaged) {
    TOLD.with_borrow_mut(|told| told.push(format!("{} {}", damaged.entity, damaged.key())));
}

/// What this thread's stores have left out since this was last asked: kind and key of each.
#[must_use]
pub fn told() -> Vec<String> {
    TOLD.take()
}
