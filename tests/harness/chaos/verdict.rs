//! What must be true when nothing has gone wrong for a while.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use super::ledger::Ledger;
use super::world::{Kind, World};
use super::{callers, table, wire};
use crate::customer::OWNER;
use crate::edge::{Call, Edge};
use crate::scene::BOUNDS;

/// What I7 adds to the deadline of a run.
const MARGIN: Duration = Duration::from_mins(2);

/// Whether every run has ended and every slot is free.
pub(super) fn is_settled(ledger: &Ledger) -> bool {
    ledger.runs().all(|(_, run)| run.is_terminal()) && ledger.slots().next().is_none()
}

/// Holds what must be true at the end.
pub(super) async fn hold(world: &Arc<World>) {
    let mut wrong = Vec::new();
    let ids: Vec<u64> = world.ledger(|ledger| {
        ends(ledger, &mut wrong);
        ledger.runs().map(|(id, _)| id).collect()
    });
    world.ledger(|ledger| wrong.into_iter().for_each(|what| ledger.wrong(what)));
    let process = world.process(Kind::Scenery, 0);
    let edge = Edge::at(&world.clock(&process), &wire::sdk_config(world, &process), table::NAME, "");
    for id in ids {
        world.count("runs");
        let path = format!("/runs/{id}");
        callers::judge(world, id, &edge.send(Call::new("GET", &path).by(OWNER)).await);
    }
}

fn ends(ledger: &Ledger, wrong: &mut Vec<String>) {
    for (id, run) in ledger.runs() {
        if !run.is_terminal() {
            wrong.push(format!("I7: run {id} never ended"));
            continue;
        }
        let age = run.time("completed_at").zip(run.time("created_at")).map(|(end, begin)| end.since(begin));
        // A worker whose clock is wrong writes when it thinks that it is.
        if age.is_none_or(|age| age > BOUNDS.run_deadline + MARGIN && age < Duration::from_hours(20)) {
            wrong.push(format!("I7: run {id} ended after {age:?}"));
        }
    }
    wrong.extend(ledger.slots().map(|(slot, run)| format!("I7: {slot} is still taken by run {run}")));
    let lost = ledger.promised().iter().filter(|run| ledger.run(**run).is_none());
    wrong.extend(lost.map(|run| format!("run {run} was promised and is lost")));
    let mut audited: BTreeMap<u64, u32> = BTreeMap::new();
    for (action, run) in ledger.audit_events() {
        if matches!(action, "verification.completed" | "verification.blocked" | "verification.reconciled") {
            *audited.entry(run).or_default() += 1;
        }
    }
    let ended = ledger.runs().filter(|(_, run)| run.is_terminal());
    let ends = ended.map(|(id, _)| (id, audited.get(&id).copied().unwrap_or_default()));
    let more_or_less = ends.filter(|(_, ends)| *ends != 1);
    wrong.extend(more_or_less.map(|(id, ends)| format!("the audit trail tells of {ends} ends of run {id}")));
}
