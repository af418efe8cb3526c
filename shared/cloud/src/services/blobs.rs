use std::sync::Arc;

use boot::settings::Kind;
use flow::ports::Blobs;
use s3_blobs::{S3Blobs, Settings};

use crate::setup::Setup;

impl Setup<'_> {
    /// Large values: `PORFIN_BLOBS_BUCKET`.
    pub fn blobs(&self) -> Option<Arc<dyn Blobs>> {
        let bucket = self.read.required("PORFIN_BLOBS_BUCKET", Kind::TEXT);
        Some(Arc::new(S3Blobs::new(self.aws.as_ref()?, Settings::bucket(bucket?))))
    }
}
