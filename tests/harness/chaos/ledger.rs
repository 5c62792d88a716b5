//! What is stored, item by item as each write leaves it, and the invariants that every single write must keep.

use std::collections::BTreeMap;

use domain::time::Timestamp;
use serde_json::Value;

use super::world::{Kind, Process};
use crate::scene::BOUNDS;

/// What a write did to one item.
struct Change {
    key: String,
    before: Option<Value>,
    after: Option<Value>,
}

/// Everything that is stored, and what was wrong with how it came to be.
#[derive(Default)]
pub(super) struct Ledger {
    items: BTreeMap<String, Value>,
    /// Which invocation of which process claimed a run last, with which attempt.
    claims: BTreeMap<String, (u32, u32, u64)>,
    /// Runs that somebody was told are accepted.
    promised: Vec<u64>,
    violations: Vec<String>,
}

/// What is written with the end of a run alone.
const WITH_AN_END: [&str; 2] = ["STATE#", "REPORT"];

/// A stored run's attributes.
#[derive(Clone, Copy)]
pub(super) struct Run<'a>(pub(super) &'a Value);

impl Ledger {
    /// Notes the items of a write as they are after it, and holds the invariants. What changed is told.
    pub(super) fn written(
        &mut self,
        (by, invocation): (&Process, u32),
        now: Timestamp,
        stored: Vec<(String, Option<Value>)>,
    ) -> Vec<String> {
        let changes = stored.into_iter().map(|(key, after)| {
            let before = match &after {
                Some(item) => self.items.insert(key.clone(), item.clone()),
                None => self.items.remove(&key),
            };
            Change { key, before, after }
        });
        let changes: Vec<_> = changes.collect();
        let changes: Vec<_> = changes.into_iter().filter(|change| change.before != change.after).collect();
        if by.kind != Kind::Scenery {
            for change in &changes {
                self.judge(by, now, change, &changes);
                self.note_claim((by.id, invocation), change);
            }
        }
        changes.iter().map(|change| format!("    {}", change.told())).collect()
    }

    fn judge(&mut self, by: &Process, now: Timestamp, change: &Change, all: &[Change]) {
        let ended = all.iter().any(Change::ends_a_run);
        match change.sort_key() {
            "RUN" => self.judge_run(by, now, change, all),
            key if key.starts_with("ACTIVE#") => self.judge_slot(by, change),
            key if !ended && WITH_AN_END.iter().any(|kind| key.starts_with(kind)) => {
                self.violated(by, &format!("I3, I6: {} changed, and no run ended", change.key));
            }
            "REPORT" if change.before.is_some() => self.violated(by, &format!("I6: {} changed", change.key)),
            _ => {}
        }
    }

    fn judge_run(&mut self, by: &Process, now: Timestamp, change: &Change, all: &[Change]) {
        let Some(run) = change.after.as_ref().map(Run) else {
            return self.violated(by, &format!("{} vanished", change.key));
        };
        if let Some(before) = change.before.as_ref().map(Run) {
            if before.is_terminal() {
                self.violated(by, &format!("I6: {} changed after its end", change.key));
            }
            if run.number("attempt") < before.number("attempt") || run.number("version") <= before.number("version") {
                self.violated(by, &format!("I6: {} was written by somebody who came late", change.key));
            }
            if run.is_terminal() && by.kind == Kind::Reconciler && before.is_held(now) {
                self.violated(by, &format!("{} was ended while a worker held it", change.key));
            }
        }
        if run.is_terminal() {
            self.judge_end(by, run, all);
        } else {
            let active =
                self.runs().filter(|(_, other)| !other.is_terminal() && other.connection() == run.connection());
            if active.count() > 1 {
                self.violated(by, &format!("I5: {} is not the only active run of its connection", change.key));
            }
        }
    }

    fn note_claim(&mut self, (process, invocation): (u32, u32), change: &Change) {
        let attempt = |item: &Option<Value>| item.as_ref().map_or(0, |run| Run(run).number("attempt"));
        if attempt(&change.after) > attempt(&change.before) {
            self.claims.insert(change.key.clone(), (process, invocation, attempt(&change.after)));
        }
    }

    /// The end of a run comes with its report, frees the slot, and follows the run that was the latest until then.
    fn judge_end(&mut self, by: &Process, run: Run<'_>, all: &[Change]) {
        let id = run.number("id");
        if !self.items.contains_key(&format!("RUN#{id:016}/REPORT")) {
            self.violated(by, &format!("I1, I2: run {id} ended without a report"));
        }
        if self.slots().any(|(_, slot)| slot == id) {
            self.violated(by, &format!("run {id} ended and kept its slot"));
        }
        let state = all.iter().find(|change| change.sort_key().starts_with("STATE#"));
        let latest = |state: Option<&Value>| state.map(|state| Run(&state["latest"]["M"]).number("run_id"));
        let before = latest(state.and_then(|state| state.before.as_ref()));
        let after = latest(state.and_then(|state| state.after.as_ref()));
        if after != Some(id) {
            self.violated(by, &format!("run {id} ended without becoming the latest"));
        }
        let previous = run.0.get("previous_report_id").map(|_| run.number("previous_report_id"));
        if previous != before {
            self.violated(by, &format!("run {id} follows {previous:?}, and the latest was {before:?}"));
        }
    }

    fn judge_slot(&mut self, by: &Process, change: &Change) {
        let of = |item: &Option<Value>| item.as_ref().map(|slot| Run(slot).number("run_id"));
        let Some(before) = of(&change.before).filter(|before| of(&change.after) != Some(*before)) else { return };
        if self.run(before).is_some_and(|run| !run.is_terminal()) {
            self.violated(by, &format!("I5: run {before} is active and lost its slot"));
        }
    }

    fn violated(&mut self, by: &Process, what: &str) {
        self.violations.push(format!("{what} ({by})"));
    }

    /// Notes what is wrong and was not done by one write.
    pub(super) fn wrong(&mut self, what: String) {
        self.violations.push(what);
    }

    /// Notes that somebody was told of a run.
    pub(super) fn promise(&mut self, run: u64) {
        if self.run(run).is_none() {
            self.wrong(format!("a caller was told of run {run}, which is not stored"));
        }
        self.promised.push(run);
    }

    /// Notes that a message is sent.
    pub(super) fn sent(&mut self, body: &str) {
        let body: Value = serde_json::from_str(body).unwrap_or_default();
        if body["run_id"].as_u64().and_then(|run| self.run(run)).is_none() {
            self.wrong(format!("I4: a message was sent for a run that is not stored: {body}"));
        }
    }

    /// Whether this process claimed the run last, in the invocation that it is in, and the run is active.
    pub(super) fn is_held_by(&self, run: u64, process: &Process) -> bool {
        let Some(stored) = self.run(run).filter(|run| !run.is_terminal()) else { return false };
        self.claims.get(&key(run)) == Some(&(process.id, process.invocation(), stored.number("attempt")))
    }

    /// A run.
    pub(super) fn run(&self, id: u64) -> Option<Run<'_>> {
        self.items.get(&key(id)).map(Run)
    }

    /// Every run with its id.
    pub(super) fn runs(&self) -> impl Iterator<Item = (u64, Run<'_>)> {
        let runs = self.items.iter().filter(|(key, _)| key.ends_with("/RUN"));
        runs.map(|(_, item)| (Run(item).number("id"), Run(item)))
    }

    /// Every slot: its key and whose it is.
    pub(super) fn slots(&self) -> impl Iterator<Item = (&str, u64)> {
        let slots = self.items.iter().filter(|(key, _)| key.contains("/ACTIVE#"));
        slots.map(|(key, item)| (key.as_str(), Run(item).number("run_id")))
    }

    /// Every audit event: what it says, and of which run.
    pub(super) fn audit_events(&self) -> impl Iterator<Item = (&str, u64)> {
        let events = self.items.iter().filter(|(key, _)| key.starts_with("AUDIT#"));
        events.map(|(_, item)| (Run(item).text("action"), Run(item).number("run_id")))
    }

    /// The runs that somebody was told of.
    pub(super) fn promised(&self) -> &[u64] {
        &self.promised
    }

    /// What was wrong.
    pub(super) fn violations(&mut self) -> Vec<String> {
        std::mem::take(&mut self.violations)
    }
}

fn key(run: u64) -> String {
    format!("RUN#{run:016}/RUN")
}

impl<'a> Run<'a> {
    pub(super) fn number(self, name: &str) -> u64 {
        self.0[name]["N"].as_str().and_then(|number| number.parse().ok()).unwrap_or_default()
    }

    pub(super) fn text(self, name: &str) -> &'a str {
        self.0[name]["S"].as_str().unwrap_or_default()
    }

    pub(super) fn is_terminal(self) -> bool {
        self.text("status") == "completed"
    }

    pub(super) fn time(self, name: &str) -> Option<Timestamp> {
        self.text(name).parse().ok()
    }

    fn connection(self) -> u64 {
        self.number("provider_connection_id")
    }

    /// Whether a worker holds it, by a lease that can be true.
    fn is_held(self, now: Timestamp) -> bool {
        let lease = self.time("lease_until").filter(|_| self.text("status") == "running");
        // Whoever ended it looked a while ago.
        let longest = BOUNDS.longest_lease(now - BOUNDS.worker_timeout);
        lease.is_some_and(|lease| lease >= now && lease <= longest)
    }
}

impl Change {
    fn sort_key(&self) -> &str {
        self.key.split_once('/').map_or("", |(_, sort_key)| sort_key)
    }

    fn ends_a_run(&self) -> bool {
        let is_terminal = |item: &Option<Value>| item.as_ref().is_some_and(|run| Run(run).is_terminal());
        self.sort_key() == "RUN" && is_terminal(&self.after) && !is_terminal(&self.before)
    }

    fn told(&self) -> String {
        let Some(after) = self.after.as_ref().map(Run) else { return format!("{} is deleted", self.key) };
        let shown = ["status", "outcome", "attempt", "lease_until", "retry_at", "run_id", "gsi3sk", "action"];
        let shown =
            shown.map(|name| format!("{}{}", after.text(name), after.0[name]["N"].as_str().unwrap_or_default()));
        // An audit event's key ends with the token of its write, which no story tells twice.
        let token = self.key.starts_with("AUDIT#").then(|| self.key.rfind('#')).flatten();
        format!("{} {}", &self.key[..token.unwrap_or(self.key.len())], shown.join(" "))
    }
}
