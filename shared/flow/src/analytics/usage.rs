//! What an organization has used in a month, against what its plan allows.

use std::collections::BTreeMap;

use domain::figures::{Measure, Quarter, Slice};
use domain::price::Currency;
use domain::{OrganizationId, Timestamp};

use super::report::counting;
use crate::job::JobError;
use crate::platform::Platform;
use crate::records::{SheetKey, SheetOf, read_sheet, sheet_path};

/// What was used in a month of UTC.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Usage {
    /// When the month began.
    pub since: Timestamp,
    /// Tokens that language models read and wrote.
    pub model_tokens: i64,
    /// Delivered messages that Meta charges for.
    pub charged_messages: i64,
    /// What all of it cost, in millionths of each currency, as far as there are prices.
    pub cost: BTreeMap<Currency, i64>,
}

/// What an organization has used in the month that this moment is in, up to a minute ago.
///
/// # Errors
/// [`JobError`].
pub async fn usage(platform: &Platform, organization: &OrganizationId, at: Timestamp) -> Result<Usage, JobError> {
    let quarter = Quarter::of(at);
    let mut usage = Usage { since: quarter.start_of_month().start(), ..Usage::default() };
    let generation = counting(platform, organization).await?.generation;
    let key = SheetKey { generation, of: SheetOf::Month(quarter.month()), slice: Slice::All };
    let Some(document) = platform.documents.get(&sheet_path(organization, &key)).await? else { return Ok(usage) };
    for figures in read_sheet(platform, &document)?.cells.values() {
        for (measure, amount) in figures.iter() {
            match measure {
                Measure::TokensRead(_) | Measure::TokensWritten(_) => usage.model_tokens += amount,
                Measure::Charged { .. } => usage.charged_messages += amount,
                Measure::Cost { currency, .. } | Measure::ModelCost { currency, .. } => {
                    *usage.cost.entry(*currency).or_default() += amount;
                }
                _ => {}
            }
        }
    }
    Ok(usage)
}
