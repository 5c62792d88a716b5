//! `tenantcheck`, the operators' command line. The library does the work, so tests call what the program calls.

pub mod apply;
pub mod arguments;
pub mod aws;
pub mod file;
mod places;
pub mod run;
pub mod summary;
