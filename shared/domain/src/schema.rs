//! The published schemas, compiled when this program is: nothing is parsed or fetched at start-up.

#![allow(missing_docs, reason = "the macro writes the methods")]

/// `schemas/verification-report.v1_5.schema.json`.
#[jsonschema::validator(
    path = "../../schemas/verification-report.v1_5.schema.json",
    draft = Draft202012,
    validate_formats = true,
    methods = { is_valid = false, iter_errors = false }
)]
pub struct ReportSchema;

/// `schemas/permission-manifest.schema.json`.
#[jsonschema::validator(
    path = "../../schemas/permission-manifest.schema.json",
    draft = Draft202012,
    validate_formats = true,
    methods = { is_valid = false }
)]
pub struct PermissionManifestSchema;
