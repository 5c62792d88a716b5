//! The published contract against the code. Besides these tests the harness holds every answer that any test sees against it.

mod document;
mod examples;
mod judge;
mod requests;
mod schemathesis;

mod story;
