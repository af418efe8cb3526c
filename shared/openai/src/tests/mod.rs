#![allow(clippy::unwrap_used, reason = "tests")]

mod fake;

use domain::Span;
use flow::ports::{Completion, Model, ModelError, Prompt, Turn, TurnRole, Usage};
use serde_json::{Value, json};

use self::fake::{Conduct, Fake};
use super::{DEFAULT_MODEL, OpenAi};

const KEY: &str = "sk-not-to-be-seen";

fn prompt() -> Prompt {
    let turn = |role, text: &str| Turn { role, text: text.to_owned() };
    Prompt {
        model: "small".to_owned(),
        instructions: "You answer for a bakery.".to_owned(),
        turns: vec![
            turn(TurnRole::Customer, "Bom dia"),
            turn(TurnRole::Business, "Bom dia! Em que posso ajudar?"),
            turn(TurnRole::Customer, "Abrem aos domingos?"),
        ],
        may_hand_over: true,
        max_tokens: 300,
        timeout: Span::from_seconds(20),
    }
}

fn answers(status: u16, body: impl ToString) -> Conduct {
    Conduct::Answers { status, headers: Vec::new(), body: body.to_string() }
}

fn completion(message: Value, finish_reason: &str) -> Value {
    json!({
        "id": "chatcmpl-1", "object": "chat.completion", "created": 1_790_000_000, "model": "small-2026",
        "choices": [{"index": 0, "message": message, "finish_reason": finish_reason, "logprobs": null}],
        "usage": {"prompt_tokens": 41, "completion_tokens": 7, "total_tokens": 48}
    })
}

fn says(text: &str) -> Value {
    completion(json!({"role": "assistant", "content": text, "refusal": null}), "stop")
}

fn calls(tool: &str, arguments: Value) -> Value {
    let call = json!({"id": "call_1", "type": "function", "function": {"name": tool, "arguments": arguments}});
    completion(json!({"role": "assistant", "content": null, "tool_calls": [call]}), "tool_calls")
}

/// What comes of one call of the prompt, after checking that it was one request.
async fn asked(prompt: &Prompt, conduct: Conduct) -> Result<Completion, ModelError> {
    let fake = Fake::start(conduct).await;
    let outcome = OpenAi::new(Some(fake.address()), KEY.into()).unwrap().complete(prompt).await;
    assert_eq!(fake.seen().len(), 1, "one call is one request");
    outcome
}

async fn completed(body: Value) -> Completion {
    asked(&prompt(), answers(200, body)).await.unwrap()
}

async fn failed(conduct: Conduct) -> ModelError {
    asked(&prompt(), conduct).await.err().unwrap()
}

async fn unusable(body: impl ToString) -> bool {
    matches!(failed(answers(200, body)).await, ModelError::Unusable(_))
}

#[tokio::test]
async fn the_conversation_goes_out_as_separate_messages() {
    let fake = Fake::start(answers(200, says("Sim, das 7h às 12h."))).await;
    let model = OpenAi::new(Some(fake.address()), KEY.into()).unwrap();
    let completion = model.complete(&prompt()).await.unwrap();
    assert_eq!(completion.text, "Sim, das 7h às 12h.");
    assert_eq!(completion.hand_over, None);
    assert_eq!(completion.usage, Usage { input: 41, output: 7 });

    let seen = fake.seen().remove(0);
    assert_eq!(seen.path, "/v1/chat/completions");
    assert_eq!(seen.headers["authorization"], format!("Bearer {KEY}"));
    assert_eq!(seen.body["model"], "small");
    assert_eq!(seen.body["max_tokens"], 300);
    assert_eq!(
        seen.body["messages"],
        json!([
            {"role": "system", "content": "You answer for a bakery."},
            {"role": "user", "content": "Bom dia"},
            {"role": "assistant", "content": "Bom dia! Em que posso ajudar?"},
            {"role": "user", "content": "Abrem aos domingos?"}
        ])
    );
    assert_eq!(seen.body["tools"][0]["function"]["name"], "hand_over_to_person");
    assert_eq!(seen.body["tools"][0]["function"]["parameters"]["required"], json!(["reason"]));
}

#[tokio::test]
async fn the_wish_for_a_person_is_a_tool_call_and_never_words() {
    let handed = completed(calls("hand_over_to_person", json!(r#"{"reason":"asks for the owner"}"#))).await;
    assert_eq!((handed.text.as_str(), handed.hand_over.as_deref()), ("", Some("asks for the owner")));
    let words = completed(says("hand_over_to_person")).await;
    assert_eq!(words.hand_over, None);
}

#[tokio::test]
async fn a_hand_over_counts_however_its_arguments_are_written() {
    let object = completed(calls("hand_over_to_person", json!({"reason": "angry"}))).await;
    assert_eq!(object.hand_over.as_deref(), Some("angry"));
    for arguments in [json!("{\"reason\": \"ang"), json!("{}"), json!(""), json!(null), json!({"reason": 4})] {
        let handed = completed(calls("hand_over_to_person", arguments)).await;
        assert_eq!(handed.hand_over.as_deref(), Some(""));
    }
}

#[tokio::test]
async fn no_tool_is_offered_or_obeyed_where_no_hand_over_is_allowed() {
    let fake = Fake::start(answers(200, calls("hand_over_to_person", json!("{}")))).await;
    let model = OpenAi::new(Some(fake.address()), KEY.into()).unwrap();
    let outcome = model.complete(&Prompt { may_hand_over: false, ..prompt() }).await;
    assert!(matches!(outcome, Err(ModelError::Unusable(_))));
    assert_eq!(fake.seen()[0].body.get("tools"), None);
}

#[tokio::test]
async fn the_default_model_is_asked_in_its_own_dialect() {
    let fake = Fake::start(answers(200, says("Sim."))).await;
    let model = OpenAi::new(Some(fake.address()), KEY.into()).unwrap();
    model.complete(&Prompt { model: DEFAULT_MODEL.to_owned(), ..prompt() }).await.unwrap();
    let body = fake.seen().remove(0).body;
    assert_eq!((&body["reasoning_effort"], &body["max_completion_tokens"]), (&json!("none"), &json!(300)));
    assert_eq!(body.get("max_tokens"), None);
}

#[tokio::test]
async fn a_call_of_an_unknown_tool_is_no_answer() {
    assert!(unusable(calls("delete_everything", json!("{}"))).await);
}

#[tokio::test]
async fn fields_that_are_missing_or_unknown_or_null_do_not_matter() {
    let bare = completed(json!({"choices": [{"message": {"content": "Sim."}}]})).await;
    assert_eq!((bare.text.as_str(), bare.usage), ("Sim.", Usage::default()));
    let odd = completed(json!({
        "object": "chat.completion.odd", "created": -1.5, "system_fingerprint": 7, "usage": null, "timings": {"ms": 3},
        "choices": [{
            "index": "0", "finish_reason": "eos", "stop_sequence": null,
            "message": {"role": "model", "content": "Sim.", "tool_calls": null, "reasoning_content": "…"}
        }]
    }))
    .await;
    assert_eq!((odd.text.as_str(), odd.usage), ("Sim.", Usage::default()));
    let parts =
        completed(completion(json!({"content": [{"type": "text", "text": "Sim"}, {"text": "."}]}), "stop")).await;
    assert_eq!(parts.text, "Sim.");
}

#[tokio::test]
async fn a_text_cut_at_the_token_limit_is_kept() {
    let cut = completed(completion(json!({"content": "Abrimos de segunda a"}), "length")).await;
    assert_eq!(cut.text, "Abrimos de segunda a");
}

#[tokio::test]
async fn reasoning_in_front_of_the_answer_does_not_reach_the_customer() {
    assert_eq!(completed(says("<think>\nSunday?\n</think>\n\nSim.")).await.text, "Sim.");
    assert!(unusable(completion(json!({"content": "<think>\nSunday? Let"}), "length")).await);
}

#[tokio::test]
async fn an_answer_that_says_nothing_cannot_be_used() {
    assert!(unusable(says("  \n")).await);
    assert!(unusable(completion(json!({"content": null, "refusal": "I can't."}), "stop")).await);
    assert!(unusable(completion(json!({"content": "half of"}), "content_filter")).await);
    assert!(unusable(json!({"choices": []})).await);
    assert!(unusable(json!({"choices": [{"finish_reason": "stop"}]})).await);
    assert!(unusable(json!({"error": {"message": "overloaded"}})).await);
}

#[tokio::test]
async fn an_answer_that_is_not_a_completion_cannot_be_used() {
    let whole = says("Sim.").to_string();
    assert!(unusable(&whole[..whole.len() / 2]).await);
    assert!(unusable("").await);
    assert!(unusable("[]").await);
    assert!(unusable("<html>gateway</html>").await);
    assert!(unusable("[".repeat(100_000)).await);
    assert!(matches!(failed(Conduct::BreaksOff(whole)).await, ModelError::Unusable("it broke off")));
}

#[tokio::test]
async fn an_answer_of_a_mebibyte_is_not_read_to_its_end() {
    let long = says(&"a".repeat(1024 * 1024));
    assert!(matches!(failed(answers(200, long)).await, ModelError::Unusable("it is too long")));
}

#[tokio::test]
async fn too_many_requests_is_busy_for_as_long_as_the_model_says() {
    let body = json!({"error": {"message": "slow down", "type": "requests", "code": "rate_limit_exceeded"}});
    let headers = vec![("retry-after", "3")];
    let told = failed(Conduct::Answers { status: 429, headers, body: body.to_string() }).await;
    assert!(matches!(told, ModelError::Busy { retry_after: Some(span) } if span == Span::from_seconds(3)), "{told}");
    let untold = failed(answers(429, "slow down")).await;
    assert!(matches!(untold, ModelError::Busy { retry_after: None }), "{untold}");
}

#[tokio::test]
async fn a_spent_quota_is_refused_although_it_comes_as_429() {
    for error in [json!({"code": "insufficient_quota"}), json!({"type": "insufficient_quota", "code": null})] {
        assert!(matches!(failed(answers(429, json!({ "error": error }))).await, ModelError::Refused(_)));
    }
}

#[tokio::test]
async fn a_bad_key_or_an_unknown_model_is_refused() {
    for status in [400, 401, 402, 403, 404, 422] {
        let body = json!({"error": {"message": format!("Incorrect API key provided: {KEY}"), "code": 17}});
        let error = failed(answers(status, body)).await;
        assert!(matches!(error, ModelError::Refused(_)), "{status} is {error}");
    }
}

#[tokio::test]
async fn a_server_error_is_unavailable_whatever_its_body() {
    for (status, body) in [(500, "{}"), (502, "<html>bad gateway</html>"), (503, ""), (529, "{")] {
        let error = failed(answers(status, body)).await;
        assert!(matches!(error, ModelError::Unavailable(_)), "{status} is {error}");
    }
}

#[tokio::test]
async fn a_redirect_is_not_followed() {
    let elsewhere = Fake::start(answers(200, says("Sim."))).await;
    let address: &'static str = String::leak(format!("{}/chat/completions", elsewhere.address()));
    for status in [301, 307, 308] {
        let headers = vec![("location", address)];
        let error = failed(Conduct::Answers { status, headers, body: String::new() }).await;
        assert!(matches!(error, ModelError::Refused(_)), "{status} is {error}");
    }
    assert!(elsewhere.seen().is_empty());
}

#[tokio::test]
async fn a_model_that_hangs_is_given_up_at_the_deadline() {
    let hasty = Prompt { timeout: Span::from_millis(150), ..prompt() };
    let error = asked(&hasty, Conduct::Hangs).await.err().unwrap();
    assert!(matches!(error, ModelError::Unavailable("it gave no answer in time")), "{error}");
}

#[tokio::test]
async fn a_model_that_is_not_there_is_unavailable() {
    let port = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap().port();
    let nobody = format!("http://127.0.0.1:{port}").parse().unwrap();
    let error = OpenAi::new(Some(nobody), KEY.into()).unwrap().complete(&prompt()).await.err().unwrap();
    assert!(matches!(error, ModelError::Unavailable("no connection could be made")), "{error}");
}

#[tokio::test]
async fn the_key_never_shows() {
    let fake = Fake::start(answers(401, json!({"error": {"message": format!("wrong key {KEY}")}}))).await;
    let model = OpenAi::new(Some(fake.address()), KEY.into()).unwrap();
    let error = model.complete(&prompt()).await.err().unwrap();
    for shown in [format!("{model:?}"), format!("{error}"), format!("{error:?}")] {
        assert!(!shown.contains(KEY), "{shown}");
    }
    let misspelt = OpenAi::new(None, format!("{KEY}\u{7f}").into()).err().unwrap();
    assert!(!format!("{misspelt} {misspelt:?}").contains(KEY));
}
