//! `tenantcheck`, the operators' command line. The library does the work, so tests call what the program calls.

pub mod api;
pub mod apply;
pub mod arguments;
pub mod audit;
pub mod aws;
mod chain;
mod clouds;
pub mod connections;
pub mod credential;
pub mod document;
pub mod exit;
pub mod file;
pub mod forget;
mod grid;
mod narrator;
pub mod operator;
mod places;
mod print;
pub mod release;
pub mod report;
pub mod run;
pub mod runs;
pub mod show;
pub mod stuck;
pub mod summary;
pub mod text;
pub mod verify;
