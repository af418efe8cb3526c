use domain::Span;
use flow::ports::ModelError;
use http::header::{DATE, RETRY_AFTER};
use http::{HeaderMap, StatusCode};
use serde_json::Value;

/// What an answer other than success means. The body is only looked at for a 429, which OpenAI uses both for "too fast"
/// and for "your quota is spent".
pub(crate) fn from_answer(status: StatusCode, headers: &HeaderMap, body: &[u8]) -> ModelError {
    match status.as_u16() {
        429 if is_out_of_quota(body) => ModelError::Refused("the account's quota is spent"),
        429 => ModelError::Busy { retry_after: retry_after(headers) },
        401 | 403 => ModelError::Refused("the key is not accepted"),
        402 => ModelError::Refused("the account has to be paid for"),
        404 => ModelError::Refused("the model or the address is not known there"),
        408 | 409 | 425 => ModelError::Unavailable("it did not take the request in time"),
        300..=399 => ModelError::Refused("the address answers with a redirect"),
        400..=499 => ModelError::Refused("the request is not accepted"),
        _ => ModelError::Unavailable("it answered with a server error"),
    }
}

/// OpenAI documents `insufficient_quota` as the error's type and code; `billing_…` codes mean the same.
fn is_out_of_quota(body: &[u8]) -> bool {
    let Ok(body) = serde_json::from_slice::<Value>(body) else { return false };
    let error = &body["error"];
    [&error["code"], &error["type"]]
        .into_iter()
        .filter_map(Value::as_str)
        .any(|word| word == "insufficient_quota" || word.starts_with("billing_"))
}

/// OpenAI's `retry-after-ms`, else `Retry-After` in seconds or as a date, which counts from the answer's own `Date`.
fn retry_after(headers: &HeaderMap) -> Option<Span> {
    let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok()).map(str::trim);
    if let Some(millis) = text("retry-after-ms").and_then(|value| value.parse::<f64>().ok()) {
        return span(millis);
    }
    let value = text(RETRY_AFTER.as_str())?;
    if let Ok(seconds) = value.parse::<f64>() {
        return span(seconds * 1_000.0);
    }
    let date = |value: &str| jiff::fmt::rfc2822::parse(value).ok().map(|moment| moment.timestamp().as_millisecond());
    Some(Span::from_millis(date(value)? - date(text(DATE.as_str())?)?))
}

/// Milliseconds as a span of at most a day; none for what is no length of time.
fn span(millis: f64) -> Option<Span> {
    let valid = millis.is_finite() && millis >= 0.0;
    #[expect(clippy::cast_possible_truncation, reason = "between 0 and a day's milliseconds")]
    valid.then(|| Span::from_millis(millis.min(86_400_000.0).ceil() as i64))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]

    use http::HeaderValue;

    use super::*;

    fn waits(headers: &[(&'static str, &str)]) -> Option<Span> {
        let headers = headers.iter().map(|(k, v)| (k.parse().unwrap(), HeaderValue::from_str(v).unwrap())).collect();
        retry_after(&headers)
    }

    #[test]
    fn the_wait_is_read_in_every_form_that_http_and_openai_allow() {
        assert_eq!(waits(&[("retry-after", "7")]), Some(Span::from_seconds(7)));
        assert_eq!(waits(&[("retry-after", "0.5")]), Some(Span::from_millis(500)));
        assert_eq!(waits(&[("retry-after", "7"), ("retry-after-ms", "250")]), Some(Span::from_millis(250)));
        let now = ("date", "Sun, 22 Nov 2026 15:00:00 GMT");
        assert_eq!(waits(&[now, ("retry-after", "Sun, 22 Nov 2026 15:01:30 GMT")]), Some(Span::from_seconds(90)));
        assert_eq!(waits(&[now, ("retry-after", "Sun, 22 Nov 2026 14:00:00 GMT")]), Some(Span::ZERO));
    }

    #[test]
    fn a_wait_that_makes_no_sense_is_none() {
        assert_eq!(waits(&[]), None);
        for value in ["soon", "-1", "NaN", "inf", "Sun, 22 Nov 2026 15:01:30 GMT"] {
            assert_eq!(waits(&[("retry-after", value)]), None, "{value}");
        }
        assert_eq!(waits(&[("retry-after", "1e300")]), Some(Span::from_days(1)));
    }
}
