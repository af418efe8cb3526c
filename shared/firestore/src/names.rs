use flow::ports::DocPath;

use crate::SettingsError;

/// How a database and what is in it are named on the wire.
#[derive(Debug, Clone)]
pub(crate) struct Names {
    /// `projects/…/databases/…`.
    pub database: String,
    /// What every document's name begins with: the database's own with `/documents`.
    pub root: String,
}

impl Names {
    /// The names in this database.
    pub fn new(project: &str, database: &str) -> Result<Self, SettingsError> {
        for id in [project, database] {
            // A project of the old kind is `example.com:id`.
            let is_id = |byte: u8| byte.is_ascii_alphanumeric() || b"-().:".contains(&byte);
            if id.is_empty() || !id.bytes().all(is_id) {
                return Err(SettingsError::Id(id.to_owned()));
            }
        }
        let database = format!("projects/{project}/databases/{database}");
        Ok(Self { root: format!("{database}/documents"), database })
    }

    /// A document's name.
    pub fn of(&self, path: &DocPath) -> String {
        format!("{}/{}", self.root, path.as_str())
    }

    /// Whose name it is.
    pub fn path(&self, name: &str) -> Option<DocPath> {
        Some(DocPath::from(name.strip_prefix(&self.root)?.strip_prefix('/')?))
    }
}
