//! What is stored, as the viewer shows it, called in process over a table of each test's own.

mod calls;
mod compared;
mod conditional;
mod connections;
mod embedded;
mod heads;
mod late_report;
mod lists;
mod permissions;
mod reports;
mod routes;
mod runs;
