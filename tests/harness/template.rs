//! Reads `template.yaml`, the only description of what is deployed.

use std::fmt::Write;
use std::path::PathBuf;

use anyhow::{Context, Result};
use serde::de::DeserializeOwned;
use serde_json::Value;

const TEMPLATE: &str = include_str!("../../template.yaml");

/// The properties of one resource. CloudFormation's short functions (`!Ref Name`) come as their plain argument.
///
/// # Errors
/// When there is no such resource or it has another shape.
pub fn resource_properties<T: DeserializeOwned>(name: &str) -> Result<T> {
    let mut template: Value = serde_saphyr::from_str(TEMPLATE).context("template.yaml is not YAML")?;
    let properties = template["Resources"][name]["Properties"].take();
    serde_json::from_value(properties).with_context(|| format!("the resource {name} of template.yaml"))
}

/// A part of the template, by its JSON pointer. CloudFormation's short functions come as their plain argument.
///
/// # Errors
/// When there is no such part or it has another shape.
pub fn part<T: DeserializeOwned>(pointer: &str) -> Result<T> {
    let template: Value = serde_saphyr::from_str(TEMPLATE).context("template.yaml is not YAML")?;
    let part = template.pointer(pointer).with_context(|| format!("template.yaml has no {pointer}"))?;
    serde_json::from_value(part.clone()).with_context(|| format!("{pointer} of template.yaml"))
}

/// The text of the template with each function's code taken from the folder that `folder` gives for its binary.
/// Everything else stays as it is: what is deployed locally is what is deployed on AWS.
///
/// # Errors
/// When a `CodeUri` has no `Binary` before it, so that nobody can say which binary it is.
pub fn with_prebuilt_code(folder: impl Fn(&str) -> PathBuf) -> Result<String> {
    let mut binary = None;
    let mut text = String::with_capacity(TEMPLATE.len());
    for line in TEMPLATE.lines() {
        if let Some(name) = line.trim().strip_prefix("Binary: ") {
            binary = Some(name);
        }
        if let Some(property) = line.strip_suffix("CodeUri: .") {
            let name = binary.take().context("template.yaml: each function names its Binary before its CodeUri")?;
            writeln!(text, "{property}CodeUri: {}", folder(name).display())?;
        } else {
            writeln!(text, "{line}")?;
        }
    }
    Ok(text)
}
