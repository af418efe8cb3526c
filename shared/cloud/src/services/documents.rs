use std::sync::Arc;

use boot::settings::Kind;
use firestore_documents::{Access, Deadlines, FirestoreDocuments, ServiceAccount, Settings};
use flow::indexes::IndexSet;
use flow::ports::Documents;
use secrecy::SecretString;

use crate::setup::Setup;

/// The indexes that are deployed to the database.
const INDEXES: &str = include_str!("../../../../firestore.indexes.json");

impl Setup<'_> {
    /// The system of record: `FIREBASE_CREDENTIALS`, or `FIRESTORE_EMULATOR_HOST` in their place;
    /// `PORFIN_FIRESTORE_PROJECT`, which is the credentials' own project unless it is set; `PORFIN_FIRESTORE_DATABASE`.
    pub fn documents(&self) -> Option<Arc<dyn Documents>> {
        let credentials = self.read.optional("FIREBASE_CREDENTIALS", CREDENTIALS);
        let emulator = self.read.optional("FIRESTORE_EMULATOR_HOST", Kind::TEXT);
        self.no_emulator("FIRESTORE_EMULATOR_HOST");
        let project = self.read.optional("PORFIN_FIRESTORE_PROJECT", Kind::TEXT);
        let database = self.read.or("PORFIN_FIRESTORE_DATABASE", Kind::TEXT, "(default)".to_owned());
        let (credentials, emulator, project, database) = (credentials?, emulator?, project?, database?);
        let own_project = credentials.as_ref().map(|account| account.project().to_owned());
        let access = match (emulator, credentials) {
            (Some(emulator), _) => Access::Emulator(emulator),
            (None, Some(account)) => Access::Google(account),
            (None, None) => {
                self.read.wrong("FIREBASE_CREDENTIALS", "nothing", JSON_KEY);
                return None;
            }
        };
        let Some(project) = project.or(own_project) else {
            self.read.wrong("PORFIN_FIRESTORE_PROJECT", "nothing", "the id of the project, which an emulator needs");
            return None;
        };
        let indexes = IndexSet::parse(INDEXES).ok()?;
        let settings = Settings { project, database, access, indexes, deadlines: Deadlines::default() };
        match FirestoreDocuments::new(settings, self.clock(), self.entropy()) {
            Ok(documents) => Some(Arc::new(documents)),
            Err(error) => {
                self.read.wrong("PORFIN_FIRESTORE_PROJECT", "what cannot be used", &format!("an id ({error})"));
                None
            }
        }
    }
}

const JSON_KEY: &str = "the JSON key of a service account";

const CREDENTIALS: Kind<ServiceAccount> =
    Kind::secret(JSON_KEY, |text| ServiceAccount::parse(&SecretString::from(text)).ok());
