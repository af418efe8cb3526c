use domain::{Span, Timestamp};

/// Reads a `Retry-After`: seconds, or a date (RFC 9110, section 10.2.3). What is neither asks for nothing.
pub(super) fn retry_after(value: &str, now: Timestamp) -> Option<Span> {
    let value = value.trim();
    if value.bytes().all(|b| b.is_ascii_digit()) {
        return value.parse().ok().map(Span::from_seconds);
    }
    Some(Timestamp::parse_http_date(value)?.since(now))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_forms_are_read_and_nothing_else() {
        let now = Timestamp::from_seconds(1_700_000_000); // Tue, 14 Nov 2023 22:13:20 GMT
        assert_eq!(retry_after(" 120 ", now), Some(Span::from_seconds(120)));
        assert_eq!(retry_after("Tue, 14 Nov 2023 22:14:20 GMT", now), Some(Span::from_minutes(1)));
        assert_eq!(retry_after("Tue, 14 Nov 2023 22:00:00 GMT", now), Some(Span::ZERO), "it is over");
        for value in ["", "-5", "1.5", "soon", "99999999999999999999999"] {
            assert_eq!(retry_after(value, now), None, "{value}");
        }
    }
}
