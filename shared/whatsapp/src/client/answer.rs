//! What an answer, or its absence, means.

use domain::outcome::{Refusal, RefusalClass, SendOutcome};
use domain::{Span, Wamid};
use flow::ports::{BusinessError, MetaRefusal, WhatsAppError};
use serde_json::Value;

use crate::catalogue;

/// An answer that was read to its end.
pub(super) struct Answer {
    status: u16,
    retry_after: Option<Span>,
    body: Vec<u8>,
}

/// Why there is no answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Failure {
    /// The token cannot stand in a header: nothing was sent.
    BadToken,
    /// No connection was made: name, TCP or TLS. Nothing was sent.
    NotConnected,
    /// The connection was made, and then the time was up.
    TimedOut,
    /// The connection was made, and then it broke.
    Broken,
    /// The answer is longer than any of Meta's.
    TooLarge,
}

impl Failure {
    pub(super) fn of(error: &reqwest::Error) -> Self {
        if error.is_connect() || error.is_builder() {
            Self::NotConnected
        } else if error.is_timeout() {
            Self::TimedOut
        } else {
            Self::Broken
        }
    }

    pub(super) fn reason(self) -> &'static str {
        match self {
            Self::BadToken => "the token cannot stand in a header",
            Self::NotConnected => "no connection",
            Self::TimedOut => "no answer in time",
            Self::Broken => "the connection broke before the answer",
            Self::TooLarge => "the answer is too large",
        }
    }
}

impl Answer {
    pub(super) fn new(status: u16, retry_after: Option<&str>, body: Vec<u8>) -> Self {
        // HTTP also knows a date here; seconds are what Meta is known to send.
        let retry_after = retry_after.and_then(|text| text.trim().parse().ok()).map(Span::from_seconds);
        Self { status, retry_after, body }
    }

    /// The body of a success.
    pub(super) fn success(self) -> Result<Vec<u8>, WhatsAppError> {
        if self.is_success() {
            return Ok(self.body);
        }
        match self.refusal() {
            Some(Refusal { code, class, .. }) => Err(WhatsAppError::Refused { code, class }),
            None => Err(WhatsAppError::Unavailable("the answer is not Meta's")),
        }
    }

    /// The body of a success of a call of management, or Meta's refusal in Meta's words.
    pub(super) fn managed(self) -> Result<Vec<u8>, BusinessError> {
        if self.is_success() {
            return Ok(self.body);
        }
        let Some(Refusal { code, class, .. }) = self.refusal() else {
            return Err(BusinessError::Silent("the answer is not Meta's"));
        };
        let body: Value = serde_json::from_slice(&self.body).unwrap_or_default();
        let text = |pointer: &str| body.pointer(pointer).and_then(Value::as_str).filter(|text| !text.is_empty());
        // What is meant for people first; what is meant for developers where there is nothing else.
        let words = [text("/error/error_user_title"), text("/error/error_user_msg")];
        let words: Vec<&str> = words.into_iter().flatten().collect();
        let other = || text("/error/error_data/details").or_else(|| text("/error/message")).map(str::to_owned);
        let message = if words.is_empty() { other() } else { Some(words.join(": ")) };
        let subcode = body.pointer("/error/error_subcode").and_then(Value::as_i64);
        let message = message.map(|text| text.chars().take(1_000).collect());
        Err(MetaRefusal { code, subcode, class, message }.into())
    }

    fn is_success(&self) -> bool {
        (200..300).contains(&self.status)
    }

    /// Meta's own error: a 4xx or 5xx whose JSON has an `error` with a whole number as its `code`.
    fn refusal(&self) -> Option<Refusal> {
        if !(400..600).contains(&self.status) {
            return None;
        }
        let body: Value = serde_json::from_slice(&self.body).ok()?;
        let code = body.get("error")?.get("code")?.as_i64()?;
        Some(Refusal { code, class: catalogue::class(code, self.status), retry_after: self.retry_after })
    }

    /// Meta's acceptance: the message's id, and the address that Meta made of ours where it differs.
    fn acceptance(&self, to: Option<&str>) -> Option<SendOutcome> {
        let body: Value = serde_json::from_slice(&self.body).ok()?;
        let wamid = body.pointer("/messages/0/id")?.as_str()?.parse::<Wamid>().ok()?;
        let sent_to = to.map(|to| to.trim_start_matches('+'));
        let wa_id = body.pointer("/contacts/0/wa_id").and_then(Value::as_str).map(str::trim);
        let wa_id = wa_id.filter(|wa_id| !wa_id.is_empty() && Some(*wa_id) != sent_to).map(str::to_owned);
        Some(SendOutcome::Accepted { wamid, wa_id })
    }
}

/// What an answer of the send endpoint means, with its HTTP status and `Retry-After`. It is all that the client goes by
/// once it has read an answer to its end.
pub fn judge(status: u16, retry_after: Option<&str>, body: &[u8]) -> SendOutcome {
    outcome(Ok(Answer::new(status, retry_after, body.to_vec())), None)
}

/// What a send came to.
///
/// Only what was certainly not taken is refused: no connection, or Meta's own error JSON (on the assumption, watched in
/// operation, that Meta takes no message for which it answers with an error). All else may have been taken.
pub(super) fn outcome(answer: Result<Answer, Failure>, to: Option<&str>) -> SendOutcome {
    let answer = match answer {
        Ok(answer) => answer,
        Err(Failure::BadToken) => return refused(0, RefusalClass::Auth),
        Err(Failure::NotConnected) => return refused(0, RefusalClass::Unreachable),
        Err(failure) => return SendOutcome::Ambiguous { reason: failure.reason() },
    };
    if answer.is_success() {
        let garbled = SendOutcome::Ambiguous { reason: "a success without a message id" };
        return answer.acceptance(to).unwrap_or(garbled);
    }
    match answer.refusal() {
        Some(refusal) => SendOutcome::Refused(refusal),
        None if answer.status < 400 => SendOutcome::Ambiguous { reason: "a redirect or other interim answer" },
        None => SendOutcome::Ambiguous { reason: "an error that is not Meta's" },
    }
}

/// A token that cannot even be sent is not a token.
pub(super) fn bad_token() -> WhatsAppError {
    WhatsAppError::Refused { code: 0, class: RefusalClass::Auth }
}

/// The same, for a call of management.
pub(super) fn bad_token_of_management() -> MetaRefusal {
    MetaRefusal { code: 0, subcode: None, class: RefusalClass::Auth, message: None }
}

fn refused(code: i64, class: RefusalClass) -> SendOutcome {
    SendOutcome::Refused(Refusal { code, class, retry_after: None })
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn judge(status: u16, body: impl AsRef<[u8]>) -> SendOutcome {
        outcome(Ok(Answer::new(status, None, body.as_ref().to_vec())), Some("+5511999990001"))
    }

    fn is_ambiguous(outcome: &SendOutcome) -> bool {
        matches!(outcome, SendOutcome::Ambiguous { .. })
    }

    fn accepted(body: Value) -> Option<(String, Option<String>)> {
        match judge(200, body.to_string()) {
            SendOutcome::Accepted { wamid, wa_id } => Some((wamid.into(), wa_id)),
            _ => None,
        }
    }

    #[test]
    fn a_message_id_is_an_acceptance() {
        let body = |wa_id: &str| json!({"contacts": [{"input": "x", "wa_id": wa_id}], "messages": [{"id": "wamid.A"}]});
        assert_eq!(accepted(body("5511999990001")), Some(("wamid.A".into(), None)));
        assert_eq!(accepted(body("551199990001")), Some(("wamid.A".into(), Some("551199990001".into()))));
        assert_eq!(
            accepted(json!({"messages": [{"id": "wamid.A", "message_status": "paused"}]})).map(|a| a.0),
            Some("wamid.A".into())
        );
    }

    #[test]
    fn a_success_without_a_message_id_may_have_been_an_acceptance() {
        for body in [
            "",
            "{",
            "null",
            "[]",
            r#"{"messages":[]}"#,
            r#"{"messages":[{"id":""}]}"#,
            r#"{"messages":[{"id":5}]}"#,
            r#"{"error":{"code":100}}"#,
            "<html>",
        ] {
            assert!(is_ambiguous(&judge(200, body)), "{body}");
        }
    }

    #[test]
    fn metas_own_error_is_a_refusal_whatever_the_status() {
        for status in [400, 401, 429, 500, 503] {
            let outcome = judge(status, json!({"error": {"code": 131_056, "message": "x"}}).to_string());
            let expected = Refusal { code: 131_056, class: RefusalClass::PairRate, retry_after: None };
            assert_eq!(outcome, SendOutcome::Refused(expected), "{status}");
        }
    }

    #[test]
    fn an_error_that_is_not_metas_may_hide_an_acceptance() {
        for status in [400, 404, 500, 502, 503, 504] {
            for body in [
                "",
                "<html>502</html>",
                "{}",
                r#"{"error":"x"}"#,
                r#"{"error":{}}"#,
                r#"{"error":{"code":"100"}}"#,
                r#"{"error":{"code":1.5}}"#,
                r#"{"error":{"code":100}"#,
                r#"{"code":100}"#,
            ] {
                assert!(is_ambiguous(&judge(status, body)), "{status} {body}");
            }
        }
    }

    #[test]
    fn an_interim_answer_says_nothing() {
        for status in [100, 301, 302, 307, 308] {
            assert!(is_ambiguous(&judge(status, json!({"error": {"code": 100}}).to_string())), "{status}");
        }
    }

    #[test]
    fn retry_after_is_passed_on() {
        let body = || json!({"error": {"code": 130_429}}).to_string().into_bytes();
        let wait = |header| match outcome(Ok(Answer::new(429, header, body())), None) {
            SendOutcome::Refused(refusal) => refusal.retry_after,
            _ => None,
        };
        assert_eq!(wait(Some("7")), Some(Span::from_seconds(7)));
        assert_eq!(wait(Some("Wed, 21 Oct 2026 07:28:00 GMT")), None);
        assert_eq!(wait(None), None);
    }

    #[test]
    fn what_was_never_sent_is_a_refusal_and_what_was_lost_is_not() {
        let class = |failure| match outcome(Err(failure), None) {
            SendOutcome::Refused(refusal) => Some(refusal.class),
            _ => None,
        };
        assert_eq!(class(Failure::NotConnected), Some(RefusalClass::Unreachable));
        assert_eq!(class(Failure::BadToken), Some(RefusalClass::Auth));
        for lost in [Failure::TimedOut, Failure::Broken, Failure::TooLarge] {
            assert_eq!(class(lost), None, "{lost:?}");
        }
    }
}
