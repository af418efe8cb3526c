//! A file as an answer: whole, or the bytes that were asked for.

use std::ops::Range;

use axum::body::Body;
use axum::response::{IntoResponse, Response};
use data_encoding::HEXLOWER;
use domain::media::{MediaState, file_name};
use domain::{OrganizationId, Span};
use flow::media;
use flow::records::StoredMedia;
use http::{HeaderMap, HeaderValue, StatusCode, header};

use crate::entity::names;
use crate::problem::{Code, Problem};
use crate::state::ApiState;

/// The most bytes of an answer: 4 MiB. Lambda lets 6 MB pass, and bytes grow by a third on their way.
const MOST: u64 = media::PART;

/// Characters of a name that stand for themselves in `filename*`, by RFC 8187.
const PLAIN: &[u8] = b"!#$&+-.^_`|~";

/// Answers with a file, or with what keeps it from being answered.
pub(crate) async fn file(
    state: &ApiState,
    organization: &OrganizationId,
    media: &StoredMedia,
    request: &HeaderMap,
) -> Result<Response, Problem> {
    let (size, sha256) = match &media.state {
        MediaState::Stored { size, sha256 } => (*size, sha256),
        MediaState::Pending { .. } => {
            return Err(Problem::new(Code::MediaPending)
                .detail("The file is still being fetched from WhatsApp.")
                .retry_after(Span::from_seconds(10)));
        }
        MediaState::Unavailable(loss) => {
            return Err(Problem::new(Code::MediaUnavailable)
                .detail(format!("The file cannot be had any more: {}.", loss.as_str().replace('_', " "))));
        }
    };
    let tag = format!("\"{}\"", HEXLOWER.encode(sha256));
    if names(request, &header::IF_NONE_MATCH, &tag) {
        return Ok(with_tag(StatusCode::NOT_MODIFIED.into_response(), &tag));
    }
    let (status, range) = match asked(request, &tag, size) {
        Asked::Whole if size <= MOST => (StatusCode::OK, 0..size),
        Asked::Part(range) => (StatusCode::PARTIAL_CONTENT, range.start..range.end.min(range.start + MOST)),
        Asked::Whole => {
            return Err(not_satisfiable(size, "The file is larger than an answer: ask for parts of 4 MiB."));
        }
        Asked::Nothing => return Err(not_satisfiable(size, "The file has no such bytes.")),
    };
    let bytes = media::read(&state.platform, organization, media, range.clone()).await?;
    let mut response = with_tag((status, Body::from(bytes)).into_response(), &tag);
    let headers = response.headers_mut();
    let plain = HeaderValue::from_static("application/octet-stream");
    let kind = media.mime_type.as_deref().and_then(|kind| HeaderValue::from_str(kind).ok());
    headers.insert(header::CONTENT_TYPE, kind.unwrap_or(plain));
    headers.insert(header::ACCEPT_RANGES, HeaderValue::from_static("bytes"));
    // Bytes as they are: Lambda would take a text apart into characters, and a part of one may begin within one.
    headers.insert(header::CONTENT_ENCODING, HeaderValue::from_static("identity"));
    if let Ok(value) = HeaderValue::from_str(&disposition(media)) {
        headers.insert(header::CONTENT_DISPOSITION, value);
    }
    if status == StatusCode::PARTIAL_CONTENT {
        let said = format!("bytes {}-{}/{size}", range.start, range.end.saturating_sub(1));
        if let Ok(value) = HeaderValue::from_str(&said) {
            headers.insert(header::CONTENT_RANGE, value);
        }
    }
    Ok(response)
}

fn with_tag(mut response: Response, tag: &str) -> Response {
    if let Ok(tag) = HeaderValue::from_str(tag) {
        response.headers_mut().insert(header::ETAG, tag);
    }
    response
}

fn not_satisfiable(size: u64, detail: &str) -> Problem {
    let problem = Problem::new(Code::RangeNotSatisfiable).detail(detail);
    match HeaderValue::from_str(&format!("bytes */{size}")) {
        Ok(value) => problem.header(header::CONTENT_RANGE, value),
        Err(_) => problem,
    }
}

/// It is saved and never shown: what a customer sends is not ours to run in a page.
fn disposition(media: &StoredMedia) -> String {
    let name = file_name(media.filename.as_deref(), media.kind, media.mime_type.as_deref());
    let ascii: String =
        name.chars().map(|c| if c.is_ascii() && !matches!(c, '"' | '\\' | '%') { c } else { '_' }).collect();
    let mut encoded = String::new();
    for byte in name.bytes() {
        if byte.is_ascii_alphanumeric() || PLAIN.contains(&byte) {
            encoded.push(char::from(byte));
        } else {
            encoded.push_str(&format!("%{byte:02X}"));
        }
    }
    format!("attachment; filename=\"{ascii}\"; filename*=UTF-8''{encoded}")
}

/// What of a file is asked for.
#[derive(Debug, PartialEq, Eq)]
enum Asked {
    Whole,
    Part(Range<u64>),
    /// Bytes that it does not have.
    Nothing,
}

/// What a request asks for of a file of so many bytes. What is no range of bytes, or several of them, asks for the whole,
/// as RFC 9110 has it; so does one whose `If-Range` names another file.
fn asked(request: &HeaderMap, tag: &str, size: u64) -> Asked {
    let text = |name| request.get(name).and_then(|value: &HeaderValue| value.to_str().ok());
    if text(header::IF_RANGE).is_some_and(|known| known.trim() != tag) {
        return Asked::Whole;
    }
    let Some(range) = text(header::RANGE).and_then(|range| range.trim().strip_prefix("bytes=")) else {
        return Asked::Whole;
    };
    let Some((first, last)) = range.split_once('-').map(|(first, last)| (first.trim(), last.trim())) else {
        return Asked::Whole;
    };
    let number = |text: &str| text.parse::<u64>().ok().filter(|_| text.bytes().all(|b| b.is_ascii_digit()));
    let range = match (first, last) {
        ("", last) => match number(last) {
            Some(count) => size.saturating_sub(count)..size,
            None => return Asked::Whole,
        },
        (first, "") => match number(first) {
            Some(first) => first..size,
            None => return Asked::Whole,
        },
        (first, last) => match (number(first), number(last)) {
            (Some(first), Some(last)) if first <= last => first..last.saturating_add(1).min(size),
            _ => return Asked::Whole,
        },
    };
    if range.start < range.end { Asked::Part(range) } else { Asked::Nothing }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;

    fn of(range: &str) -> Asked {
        let headers = HeaderMap::from_iter([(header::RANGE, HeaderValue::from_str(range).unwrap())]);
        asked(&headers, "\"a\"", 10)
    }

    #[test]
    fn a_range_is_read_as_http_has_it() {
        assert_eq!(asked(&HeaderMap::new(), "\"a\"", 10), Asked::Whole);
        assert_eq!(of("bytes=0-3"), Asked::Part(0..4));
        assert_eq!(of("bytes=4-"), Asked::Part(4..10));
        assert_eq!(of("bytes=-3"), Asked::Part(7..10));
        assert_eq!(of("bytes=-30"), Asked::Part(0..10));
        assert_eq!(of("bytes=8-99"), Asked::Part(8..10));
        for nothing in ["bytes=10-", "bytes=10-12", "bytes=-0", "bytes=18446744073709551615-"] {
            assert_eq!(of(nothing), Asked::Nothing, "{nothing}");
        }
        for whole in ["lines=0-1", "bytes=a-b", "bytes=3-1", "bytes=0-1,4-5", "bytes=", "bytes=-", "bytes=+1-2"] {
            assert_eq!(of(whole), Asked::Whole, "{whole}");
        }
    }

    #[test]
    fn a_part_of_another_file_is_none_of_this_one() {
        let with = |tag: &'static str| {
            HeaderMap::from_iter([
                (header::RANGE, HeaderValue::from_static("bytes=0-3")),
                (header::IF_RANGE, HeaderValue::from_static(tag)),
            ])
        };
        assert_eq!(asked(&with("\"a\""), "\"a\"", 10), Asked::Part(0..4));
        assert_eq!(asked(&with("\"b\""), "\"a\"", 10), Asked::Whole);
    }
}
