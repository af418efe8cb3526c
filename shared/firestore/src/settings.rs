use flow::indexes::IndexSet;

use crate::{Deadlines, ServiceAccount};

/// Which database it is, and how it is reached.
#[derive(Debug, Clone)]
pub struct Settings {
    /// The project's id, such as that of the service account.
    pub project: String,
    /// The database's id. The one that a project begins with is called `(default)`.
    pub database: String,
    /// Where it is and who calls it.
    pub access: Access,
    /// The declared indexes: those of the `firestore.indexes.json` that is deployed to the database.
    pub indexes: IndexSet,
    /// How long calls may take.
    pub deadlines: Deadlines,
}

/// Where Firestore is, and who calls it.
#[derive(Debug, Clone)]
pub enum Access {
    /// Google's own service, over TLS.
    Google(ServiceAccount),
    /// An emulator, without TLS, at `host:port` as `FIRESTORE_EMULATOR_HOST` has it. It takes this program for the owner.
    Emulator(String),
}

/// What is wrong with the settings.
#[derive(Debug, thiserror::Error)]
pub enum SettingsError {
    /// An id that cannot be part of a name.
    #[error("{0:?} is no id of a project or a database")]
    Id(String),
    /// The emulator's address cannot be used.
    #[error("{0:?} is no host and port")]
    Emulator(String),
    /// The connection cannot be set up.
    #[error("the connection to Firestore cannot be set up")]
    Connection(#[source] tonic::transport::Error),
}
