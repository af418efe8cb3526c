use aws_client::Deadlines;
use flow::limits::blobs::check_key;

/// S3 documents keys of 1,024 bytes; the port's have 512, and a slash stands between.
const LONGEST_PREFIX: usize = 511;

/// Which bucket, where in it, and how long calls may take.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settings {
    pub(crate) bucket: String,
    pub(crate) prefix: Option<String>,
    pub(crate) deadlines: Deadlines,
}

impl Settings {
    /// The whole bucket, with the deadlines of large objects.
    pub fn bucket(bucket: impl Into<String>) -> Self {
        Self { bucket: bucket.into(), prefix: None, deadlines: Deadlines::LARGE }
    }

    /// Only what lies below the prefix, to which a slash is added.
    ///
    /// # Errors
    /// [`WrongPrefix`].
    pub fn below(mut self, prefix: &str) -> Result<Self, WrongPrefix> {
        if prefix.len() > LONGEST_PREFIX || prefix.ends_with('/') || check_key(prefix).is_err() {
            return Err(WrongPrefix);
        }
        self.prefix = Some(prefix.to_owned());
        Ok(self)
    }

    /// With other deadlines.
    #[must_use]
    pub fn within(self, deadlines: Deadlines) -> Self {
        Self { deadlines, ..self }
    }

    /// The object's key in the bucket.
    pub(crate) fn key(&self, key: &str) -> String {
        match &self.prefix {
            Some(prefix) => format!("{prefix}/{key}"),
            None => key.to_owned(),
        }
    }
}

/// The prefix is no key of the port, too long, or ends in a slash.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error(
    "a prefix is 1 to {LONGEST_PREFIX} characters of `a-z 0-9 / _ . -`, without `..` and without a slash at either end"
)]
pub struct WrongPrefix;
