//! The table exactly as `template.yaml` defines it, for any endpoint that speaks DynamoDB's protocol: one definition,
//! so a test can never pass on a table that is not the deployed one.

use anyhow::{Context, Result};
use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::types::{
    AttributeDefinition, BillingMode, GlobalSecondaryIndex, KeySchemaElement, Projection, ProjectionType,
    TimeToLiveSpecification,
};
use serde::Deserialize;

use crate::template;

/// The properties of the template's table that tests depend on.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct TableDefinition {
    attribute_definitions: Vec<Attribute>,
    key_schema: Vec<Key>,
    global_secondary_indexes: Vec<Index>,
    time_to_live_specification: TimeToLive,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Attribute {
    attribute_name: String,
    attribute_type: String,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Key {
    attribute_name: String,
    key_type: String,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Index {
    #[serde(rename = "IndexName")]
    name: String,
    key_schema: Vec<Key>,
    projection: Projected,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Projected {
    projection_type: String,
    #[serde(default)]
    non_key_attributes: Option<Vec<String>>,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct TimeToLive {
    attribute_name: String,
}

impl TableDefinition {
    /// The definition of the resource `Table`.
    ///
    /// # Errors
    /// When the template does not define it with the parts above.
    pub fn from_template() -> Result<Self> {
        template::resource_properties("Table")
    }

    /// Creates an empty table and switches its time to live on (readers must not depend on when items vanish).
    ///
    /// # Errors
    /// When the endpoint refuses.
    pub async fn create(&self, client: &Client, name: &str) -> Result<()> {
        client
            .create_table()
            .table_name(name)
            .billing_mode(BillingMode::PayPerRequest)
            .set_attribute_definitions(Some(self.attributes()?))
            .set_key_schema(Some(key_schema(&self.key_schema)?))
            .set_global_secondary_indexes(Some(self.indexes()?))
            .send()
            .await
            .with_context(|| format!("cannot create the table {name}"))?;
        let ttl = TimeToLiveSpecification::builder()
            .attribute_name(&self.time_to_live_specification.attribute_name)
            .enabled(true)
            .build()?;
        client
            .update_time_to_live()
            .table_name(name)
            .time_to_live_specification(ttl)
            .send()
            .await
            .with_context(|| format!("cannot switch on the time to live of {name}"))?;
        Ok(())
    }

    fn attributes(&self) -> Result<Vec<AttributeDefinition>> {
        let definition = |attribute: &Attribute| {
            AttributeDefinition::builder()
                .attribute_name(&attribute.attribute_name)
                .attribute_type(attribute.attribute_type.as_str().into())
                .build()
        };
        Ok(self.attribute_definitions.iter().map(definition).collect::<Result<_, _>>()?)
    }

    fn indexes(&self) -> Result<Vec<GlobalSecondaryIndex>> {
        let index = |index: &Index| -> Result<GlobalSecondaryIndex> {
            let projection = Projection::builder()
                .projection_type(ProjectionType::from(index.projection.projection_type.as_str()))
                .set_non_key_attributes(index.projection.non_key_attributes.clone());
            Ok(GlobalSecondaryIndex::builder()
                .index_name(&index.name)
                .set_key_schema(Some(key_schema(&index.key_schema)?))
                .projection(projection.build())
                .build()?)
        };
        self.global_secondary_indexes.iter().map(index).collect()
    }
}

fn key_schema(keys: &[Key]) -> Result<Vec<KeySchemaElement>> {
    let element = |key: &Key| {
        KeySchemaElement::builder().attribute_name(&key.attribute_name).key_type(key.key_type.as_str().into()).build()
    };
    Ok(keys.iter().map(element).collect::<Result<_, _>>()?)
}
