use std::fmt;
use std::marker::PhantomData;

use axum::body::to_bytes;
use axum::extract::{FromRequest, Request};
use bytes::Bytes;
use flow::contacts::MAX_PART_BYTES;
use flow::media::MAX_UPLOAD_BYTES;
use http::{HeaderMap, header};
use serde::de::value::MapAccessDeserializer;
use serde::de::{DeserializeOwned, MapAccess, Visitor};
use serde::{Deserialize, Deserializer};
use serde_json::Value;
use serde_path_to_error::{Path, Segment};

use crate::problem::{Code, Place, Problem};

/// The largest body: 1 MiB.
const LARGEST: usize = 1 << 20;

/// A JSON body, read into a type that refuses unknown fields.
pub(crate) struct Json<T>(pub T);

impl<S: Sync, T: DeserializeOwned> FromRequest<S> for Json<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, _: &S) -> Result<Self, Problem> {
        let is_json = is_json(request.headers());
        let bytes = read(request).await?;
        if !is_json {
            return Err(not_json());
        }
        parse(&bytes).map(Self)
    }
}

fn not_json() -> Problem {
    Problem::new(Code::UnsupportedMediaType).detail("Send Content-Type: application/json.")
}

/// A body of comma-separated values, up to 4 MiB.
pub(crate) struct Csv(pub Bytes);

impl<S: Sync> FromRequest<S> for Csv {
    type Rejection = Problem;

    async fn from_request(request: Request, _: &S) -> Result<Self, Problem> {
        if !is_of(request.headers(), &["text/csv", "application/octet-stream"]) {
            return Err(Problem::new(Code::UnsupportedMediaType).detail("Send Content-Type: text/csv."));
        }
        read_up_to(request, MAX_PART_BYTES).await.map(Self)
    }
}

/// A file, and what it is.
pub(crate) struct File {
    pub mime_type: String,
    pub bytes: Bytes,
}

impl<S: Sync> FromRequest<S> for File {
    type Rejection = Problem;

    async fn from_request(request: Request, _: &S) -> Result<Self, Problem> {
        let kind = request.headers().get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok());
        let mime_type = kind.unwrap_or_default().trim().to_owned();
        let bytes = read_up_to(request, MAX_UPLOAD_BYTES).await?;
        Ok(Self { mime_type, bytes })
    }
}

/// Reads a field that is an object or null: to serde a list of values is one as well.
pub(crate) fn object<'de, T: Deserialize<'de>, D: Deserializer<'de>>(field: D) -> Result<Option<T>, D::Error> {
    Option::<Object<T>>::deserialize(field).map(|object| object.map(|object| object.0))
}

struct Object<T>(T);

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Object<T> {
    fn deserialize<D: Deserializer<'de>>(field: D) -> Result<Self, D::Error> {
        struct Members<T>(PhantomData<T>);

        impl<'de, T: Deserialize<'de>> Visitor<'de> for Members<T> {
            type Value = Object<T>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, members: A) -> Result<Object<T>, A::Error> {
                T::deserialize(MapAccessDeserializer::new(members)).map(Object)
            }
        }

        field.deserialize_map(Members(PhantomData))
    }
}

/// Tells a field that is null from one that is left out.
pub(crate) fn given<'de, T: Deserialize<'de>, D: Deserializer<'de>>(fields: D) -> Result<Option<Option<T>>, D::Error> {
    Option::deserialize(fields).map(Some)
}

/// Tells a field that is null from one that is left out, where it is an object else.
pub(crate) fn given_object<'de, T: Deserialize<'de>, D: Deserializer<'de>>(
    field: D,
) -> Result<Option<Option<T>>, D::Error> {
    object(field).map(Some)
}

/// A body that has nothing to say: none at all, an empty JSON object, or null.
pub(crate) struct Nothing;

/// An object without fields.
#[derive(serde::Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NoFields {}

impl<S: Sync> FromRequest<S> for Nothing {
    type Rejection = Problem;

    async fn from_request(request: Request, _: &S) -> Result<Self, Problem> {
        let is_json = is_json(request.headers());
        match read(request).await?.trim_ascii() {
            [] => Ok(Self),
            _ if !is_json => Err(not_json()),
            b"null" => Ok(Self),
            fields => parse(fields).map(|NoFields {}| Self),
        }
    }
}

fn is_json(headers: &HeaderMap) -> bool {
    is_of(headers, &["application/json"])
}

fn is_of(headers: &HeaderMap, kinds: &[&str]) -> bool {
    let kind = headers.get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
    let kind = kind.split(';').next().unwrap_or_default().trim();
    kinds.iter().any(|known| kind.eq_ignore_ascii_case(known))
}

/// The whole body, whatever it is: what is no JSON may be a file.
pub(crate) async fn read_any(request: Request) -> Result<Bytes, Problem> {
    let most = if is_json(request.headers()) { LARGEST } else { MAX_UPLOAD_BYTES };
    read_up_to(request, most).await
}

/// The whole body, if it is not too large.
pub(crate) async fn read(request: Request) -> Result<Bytes, Problem> {
    read_up_to(request, LARGEST).await
}

async fn read_up_to(request: Request, most: usize) -> Result<Bytes, Problem> {
    let too_large =
        || Problem::new(Code::BodyTooLarge).detail(format!("A body may have at most {} MiB here.", most >> 20));
    let announced = request.headers().get(header::CONTENT_LENGTH).and_then(|length| length.to_str().ok());
    if announced.and_then(|length| length.parse::<u64>().ok()).is_some_and(|length| length > most as u64) {
        return Err(too_large());
    }
    to_bytes(request.into_body(), most).await.map_err(|error| {
        let cause = std::error::Error::source(&error);
        match cause.is_some_and(|cause| cause.is::<http_body_util::LengthLimitError>()) {
            true => too_large(),
            false => Problem::new(Code::MalformedBody).detail("The body broke off."),
        }
    })
}

/// Reads a JSON object: first as JSON, then as what it stands for.
fn parse<T: DeserializeOwned>(text: &[u8]) -> Result<T, Problem> {
    let value: Value = serde_json::from_slice(text)
        .map_err(|error| Problem::new(Code::MalformedBody).detail(format!("The JSON cannot be read: {error}.")))?;
    if !value.is_object() {
        return Err(Problem::new(Code::InvalidBody).detail("The body must be a JSON object."));
    }
    serde_path_to_error::deserialize(value).map_err(|error| problem(&error, "", 0))
}

/// Turns an error of serde's about a JSON value into a problem that points at the field. `at` is where the value stands
/// in the body; the first `skip` steps of the error's path are not the caller's.
pub(crate) fn problem(error: &serde_path_to_error::Error<serde_json::Error>, at: &str, skip: usize) -> Problem {
    let what = error.inner().to_string();
    let pointer = format!("{at}{}", pointer(error.path(), &what, skip));
    Problem::new(Code::InvalidBody).detail("The body has a field that is not valid.").field(
        Place::Body,
        &pointer,
        &what,
    )
}

/// The JSON pointer of the field that is wrong. A field that is missing is named by the message alone.
fn pointer(path: &Path, what: &str, skip: usize) -> String {
    let mut pointer = String::new();
    for segment in path.iter().skip(skip) {
        match segment {
            Segment::Seq { index } => push(&mut pointer, &index.to_string()),
            Segment::Map { key } | Segment::Enum { variant: key } => push(&mut pointer, key),
            Segment::Unknown => {}
        }
    }
    if let Some(field) = what.strip_prefix("missing field `").and_then(|rest| rest.split('`').next()) {
        push(&mut pointer, field);
    }
    pointer
}

fn push(pointer: &mut String, step: &str) {
    pointer.push('/');
    pointer.push_str(&step.replace('~', "~0").replace('/', "~1"));
}
