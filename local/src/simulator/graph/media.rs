//! Media files: uploads of the business, and what customers send. Kept in memory, the oldest forgotten first.

use std::collections::VecDeque;
use std::sync::Arc;

use axum::body::Body;
use axum::extract::{FromRequest, Multipart, Path, RawQuery, Request, State};
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use data_encoding::HEXLOWER;
use domain::{Span, Timestamp};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

use super::{GraphError, Query};
use crate::simulator::{Shared, identity};

/// Meta takes documents up to 100 MB; the simulator holds all files in memory and takes less.
pub(super) const LARGEST_FILE: usize = 16 * 1024 * 1024;
/// Meta documents that an address works for five minutes.
const ADDRESS_LIVES: Span = Span::from_minutes(5);
/// What Meta takes, and the most bytes of each.
const TYPES: &[(&str, usize)] = &[
    ("image/jpeg", 5),
    ("image/png", 5),
    ("image/webp", 1),
    ("audio/aac", 16),
    ("audio/amr", 16),
    ("audio/mpeg", 16),
    ("audio/mp4", 16),
    ("audio/ogg", 16),
    ("video/mp4", 16),
    ("video/3gpp", 16),
    ("text/plain", 16),
    ("application/pdf", 16),
    ("application/msword", 16),
    ("application/vnd.ms-excel", 16),
    ("application/vnd.ms-powerpoint", 16),
    ("application/vnd.openxmlformats-officedocument.wordprocessingml.document", 16),
    ("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", 16),
    ("application/vnd.openxmlformats-officedocument.presentationml.presentation", 16),
];

/// The files.
#[derive(Default)]
pub(in crate::simulator) struct Media {
    files: VecDeque<MediaFile>,
    bytes: usize,
}

struct MediaFile {
    id: String,
    mime_type: String,
    hash: Hash,
    bytes: axum::body::Bytes,
}

/// SHA-256 of a file.
#[derive(Clone, Copy)]
pub(in crate::simulator) struct Hash([u8; 32]);

impl Hash {
    /// As webhooks write it.
    pub(in crate::simulator) fn base64(self) -> String {
        STANDARD.encode(self.0)
    }
}

impl Media {
    /// Keeps a file, and forgets the oldest ones when there are more bytes than that.
    pub(in crate::simulator) fn keep(
        &mut self,
        id: &str,
        mime_type: &str,
        bytes: impl Into<axum::body::Bytes>,
        most: usize,
    ) -> Hash {
        let bytes = bytes.into();
        let hash = Hash(Sha256::digest(&bytes).into());
        self.bytes += bytes.len();
        self.files.push_back(MediaFile { id: id.to_owned(), mime_type: mime_type.to_owned(), hash, bytes });
        while self.bytes > most
            && self.files.len() > 1
            && let Some(old) = self.files.pop_front()
        {
            self.bytes -= old.bytes.len();
        }
        hash
    }

    /// Whether there is such a file.
    pub(super) fn has(&self, id: &str) -> bool {
        self.find(id).is_some()
    }

    fn find(&self, id: &str) -> Option<&MediaFile> {
        self.files.iter().find(|file| file.id == id)
    }

    fn forget(&mut self, id: &str) -> bool {
        let Some(place) = self.files.iter().position(|file| file.id == id) else { return false };
        self.bytes -= self.files.remove(place).map_or(0, |file| file.bytes.len());
        true
    }
}

/// `POST {phone_number_id}/media`: multipart with `messaging_product`, `type` and `file`.
pub(super) async fn upload(shared: &Shared, request: Request) -> Result<Value, GraphError> {
    let unreadable = |_| GraphError::parameter("The body must be multipart/form-data, below 16 MiB.");
    let mut form = Multipart::from_request(request, &()).await.map_err(|_| unreadable(()))?;
    let (mut product, mut declared, mut file) = (None, None, None);
    while let Some(field) = form.next_field().await.map_err(|_| unreadable(()))? {
        let name = field.name().unwrap_or_default().to_owned();
        let mime_type = field.content_type().map(str::to_owned);
        let bytes = field.bytes().await.map_err(|_| unreadable(()))?;
        match name.as_str() {
            "messaging_product" => product = String::from_utf8(bytes.to_vec()).ok(),
            "type" => declared = String::from_utf8(bytes.to_vec()).ok(),
            "file" => file = Some((mime_type, bytes)),
            _ => {}
        }
    }
    if product.as_deref() != Some("whatsapp") {
        return Err(GraphError::parameter("The parameter messaging_product is required and must be whatsapp."));
    }
    let (mime_type, bytes) = file.ok_or_else(|| GraphError::parameter("The parameter file is required."))?;
    let mime_type = mime_type.or(declared).unwrap_or_default();
    let essence = mime_type.split(';').next().unwrap_or_default().trim();
    let Some((_, most)) = TYPES.iter().find(|(known, _)| *known == essence) else {
        return Err(GraphError::parameter("Param file must be a file of one of the types that WhatsApp takes."));
    };
    if bytes.is_empty() || bytes.len() > most * 1024 * 1024 {
        return Err(GraphError::detailed(131_053, "The file is empty or larger than its type may be."));
    }
    let id = identity::digits(&*shared.entropy);
    shared.world().media.keep(&id, &mime_type, bytes, shared.settings.limits.media_bytes);
    Ok(json!({ "id": id }))
}

/// `GET` and `DELETE {media_id}`, if there is such a file.
pub(super) fn object(shared: &Shared, method: &Method, id: &str, uri: &Uri, headers: &HeaderMap) -> Option<Value> {
    let mut world = shared.world();
    if *method == Method::DELETE {
        return world.media.forget(id).then(|| json!({ "success": true }));
    }
    let file = world.media.find(id).filter(|_| *method == Method::GET)?;
    let expires = (shared.clock.now() + ADDRESS_LIVES).micros();
    let host = headers.get(header::HOST).and_then(|host| host.to_str().ok()).unwrap_or("127.0.0.1");
    let base = uri.path().split("/graph/").next().unwrap_or_default();
    let proof = proof(shared, id, expires);
    Some(json!({
        "messaging_product": "whatsapp",
        "url": format!("http://{host}{base}/graph/download/{id}?expires={expires}&proof={proof}"),
        "mime_type": file.mime_type,
        "sha256": HEXLOWER.encode(&file.hash.0),
        "file_size": file.bytes.len(),
        "id": id,
    }))
}

/// The file itself, at an address that [`object`] gave. Meta answers an old address with 404.
pub(super) async fn download(
    State(shared): State<Arc<Shared>>,
    Path(id): Path<String>,
    RawQuery(query): RawQuery,
) -> Response {
    let query = Query::read(query.as_deref());
    let expires = query.get("expires").and_then(|at| at.parse::<i64>().ok()).unwrap_or(0);
    let expected = proof(&shared, &id, expires);
    let proven = bool::from(query.get("proof").unwrap_or_default().as_bytes().ct_eq(expected.as_bytes()));
    let now: Timestamp = shared.clock.now();
    let world = shared.world();
    match world.media.find(&id) {
        Some(file) if proven && now.micros() < expires => {
            let fallback = HeaderValue::from_static("application/octet-stream");
            let mime_type = HeaderValue::from_str(&file.mime_type).unwrap_or(fallback);
            ([(header::CONTENT_TYPE, mime_type)], Body::from(file.bytes.clone())).into_response()
        }
        _ => StatusCode::NOT_FOUND.into_response(),
    }
}

fn proof(shared: &Shared, id: &str, expires: i64) -> String {
    identity::proof(&shared.settings.app_secret, &format!("{id}|{expires}"))
}
