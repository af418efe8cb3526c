use aws_client::SdkConfig;
use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::types::{
    AttributeDefinition, BillingMode, KeySchemaElement, KeyType, PointInTimeRecoverySpecification, ScalarAttributeType,
    TimeToLiveSpecification,
};

/// The whole key of an item: the table's partition key, a string.
pub(crate) const KEY: &str = "key";
/// How often the item was written.
pub(crate) const VERSION: &str = "version";
/// When the item may vanish, in whole seconds since 1970, rounded up: what the service goes by.
pub(crate) const EXPIRES_AT: &str = "expires_at";
/// The same moment in microseconds, as it is read back.
pub(crate) const EXPIRES_AT_MICROS: &str = "expires_at_micros";
/// What the name of each field begins with, which none of the attributes above does.
pub(crate) const FIELD: &str = "f.";

/// What the table must look like. It has no sort key and no index.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Shape {
    /// The attribute that is its partition key, of type `S`.
    pub partition_key: &'static str,
    /// The attribute that its time to live goes by.
    pub time_to_live: &'static str,
    /// Whether it is paid by the request: campaigns come in bursts, and nights are quiet.
    pub on_demand: bool,
    /// Whether it can be restored to any moment of the last 35 days.
    pub point_in_time_recovery: bool,
}

/// The table's shape.
pub const TABLE: Shape =
    Shape { partition_key: KEY, time_to_live: EXPIRES_AT, on_demand: true, point_in_time_recovery: true };

/// Why the table could not be made.
#[derive(Debug, thiserror::Error)]
#[error("the table could not be made: {step}")]
pub struct CreateError {
    step: &'static str,
    #[source]
    source: Box<dyn std::error::Error + Send + Sync>,
}

impl CreateError {
    fn at<E: Into<Box<dyn std::error::Error + Send + Sync>>>(step: &'static str) -> impl FnOnce(E) -> Self {
        move |error| Self { step, source: error.into() }
    }
}

/// Makes the table in an emulator, where it is there at once. In AWS the deployment's template makes it.
///
/// # Errors
/// [`CreateError`], also when it is there already.
pub async fn create(config: &SdkConfig, name: &str) -> Result<(), CreateError> {
    let client = Client::new(config);
    let billing = if TABLE.on_demand { BillingMode::PayPerRequest } else { BillingMode::Provisioned };
    let key = KeySchemaElement::builder().attribute_name(TABLE.partition_key).key_type(KeyType::Hash).build();
    let attribute = AttributeDefinition::builder()
        .attribute_name(TABLE.partition_key)
        .attribute_type(ScalarAttributeType::S)
        .build();
    client
        .create_table()
        .table_name(name)
        .key_schema(key.map_err(CreateError::at("its key"))?)
        .attribute_definitions(attribute.map_err(CreateError::at("its key"))?)
        .billing_mode(billing)
        .send()
        .await
        .map_err(CreateError::at("the table itself"))?;
    let time_to_live = TimeToLiveSpecification::builder().attribute_name(TABLE.time_to_live).enabled(true).build();
    client
        .update_time_to_live()
        .table_name(name)
        .time_to_live_specification(time_to_live.map_err(CreateError::at("its time to live"))?)
        .send()
        .await
        .map_err(CreateError::at("its time to live"))?;
    let recovery = PointInTimeRecoverySpecification::builder()
        .point_in_time_recovery_enabled(TABLE.point_in_time_recovery)
        .build();
    client
        .update_continuous_backups()
        .table_name(name)
        .point_in_time_recovery_specification(recovery.map_err(CreateError::at("its backups"))?)
        .send()
        .await
        .map_err(CreateError::at("its backups"))?;
    Ok(())
}
