//! A line to WhatsApp that takes everything, has the files that a test gives it, and remembers what it was asked.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Mutex;

use domain::Wamid;
use domain::outcome::{RefusalClass, SendOutcome};
use flow::ports::{Channel, MediaBytes, MediaFile, OpenMedia, SendRequest, WhatsApp, WhatsAppError};

/// A file, and what Meta says that its hash is.
type File = (Vec<u8>, Option<String>);

#[derive(Default)]
pub struct Line {
    /// Files of customers.
    pub files: Mutex<BTreeMap<String, File>>,
    /// How often a file was asked for.
    pub asked: Mutex<u32>,
    /// The messages that were marked as read.
    pub read: Mutex<Vec<String>>,
    /// What was sent.
    pub sent: Mutex<Vec<SendRequest>>,
    /// The names and types of the files that were uploaded.
    pub uploaded: Mutex<Vec<(String, String, Vec<u8>)>>,
    /// What the next uploads come to; afterwards they are taken.
    pub uploads: Mutex<VecDeque<WhatsAppError>>,
}

struct Pieces(Vec<u8>);

#[async_trait::async_trait]
impl MediaBytes for Pieces {
    async fn next(&mut self) -> Result<Option<Vec<u8>>, WhatsAppError> {
        let rest = self.0.split_off(self.0.len().min(100_000));
        let piece = std::mem::replace(&mut self.0, rest);
        Ok((!piece.is_empty()).then_some(piece))
    }
}

pub fn refused(code: i64) -> WhatsAppError {
    let class = if code == 100 { RefusalClass::Invalid } else { RefusalClass::Transient };
    WhatsAppError::Refused { code, class }
}

#[async_trait::async_trait]
impl WhatsApp for Line {
    async fn send(&self, _: &Channel, request: &SendRequest) -> SendOutcome {
        let mut sent = self.sent.lock().unwrap();
        sent.push(request.clone());
        let wamid = format!("wamid.LINE{}", sent.len()).parse().unwrap();
        SendOutcome::Accepted { wamid, wa_id: None }
    }

    async fn mark_read(&self, _: &Channel, message: &Wamid, _: bool) -> Result<(), WhatsAppError> {
        self.read.lock().unwrap().push(message.as_str().to_owned());
        Ok(())
    }

    async fn check_number(&self, _: &Channel) -> Result<(), WhatsAppError> {
        Ok(())
    }

    async fn open_media(&self, _: &Channel, id: &str) -> Result<OpenMedia, WhatsAppError> {
        *self.asked.lock().unwrap() += 1;
        let (bytes, sha256) = self.files.lock().unwrap().get(id).cloned().ok_or_else(|| refused(100))?;
        let size = Some(bytes.len() as u64);
        Ok(OpenMedia { mime_type: None, sha256, size, bytes: Box::new(Pieces(bytes)) })
    }

    async fn upload_media(&self, _: &Channel, file: MediaFile) -> Result<String, WhatsAppError> {
        if let Some(error) = self.uploads.lock().unwrap().pop_front() {
            return Err(error);
        }
        let mut uploaded = self.uploaded.lock().unwrap();
        uploaded.push((file.name, file.mime_type, file.bytes));
        Ok(format!("upload-{}", uploaded.len()))
    }
}
