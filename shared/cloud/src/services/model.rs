use std::sync::Arc;

use boot::settings::Kind;
use flow::ports::Model;
use openai::OpenAi;

use crate::setup::Setup;

impl Setup<'_> {
    /// The language model: `OPENAI_API_KEY` and `OPENAI_BASE_URL`. Without a key there is none, and the organization's
    /// own texts are answered with.
    pub fn model(&self) -> Option<Option<Arc<dyn Model>>> {
        let key = self.read.optional("OPENAI_API_KEY", Kind::SECRET);
        let base = self.read.optional("OPENAI_BASE_URL", Kind::URL);
        let (key, base) = (key?, base?);
        let Some(key) = key else {
            if base.is_some() {
                self.read.wrong("OPENAI_API_KEY", "nothing", "the key for the address that OPENAI_BASE_URL names");
            }
            return Some(None);
        };
        match OpenAi::new(base, key) {
            Ok(model) => Some(Some(Arc::new(model))),
            Err(error) => {
                self.read.wrong("OPENAI_BASE_URL", "an address", &format!("one that can be called ({error})"));
                None
            }
        }
    }

    /// `OPENAI_MODEL`: the name of the model for a new assistant that names none.
    pub fn usual_model(&self) -> Option<String> {
        self.read.or("OPENAI_MODEL", Kind::TEXT, openai::DEFAULT_MODEL.to_owned())
    }
}
