use std::sync::Arc;

use boot::settings::Kind;
use dynamodb_items::DynamoItems;
use flow::ports::Items;

use crate::setup::Setup;

impl Setup<'_> {
    /// The intents, gates and quotas: `PORFIN_ITEMS_TABLE`.
    pub fn items(&self) -> Option<Arc<dyn Items>> {
        let table = self.read.required("PORFIN_ITEMS_TABLE", Kind::TEXT);
        Some(Arc::new(DynamoItems::new(self.aws.as_ref()?, table?, self.entropy())))
    }
}
