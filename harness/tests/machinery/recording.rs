//! What functions ask of AWS is noted on its way.

use aws_client::{Credentials, Deadlines, Settings};
use aws_sdk_sqs::Client;
use harness::recording::Recording;
use services::Moto;

#[tokio::test]
async fn calls_are_noted_by_function_and_handed_on() {
    boot::crypto::install();
    let moto = tokio::task::spawn_blocking(|| Moto::start(None)).await.unwrap().unwrap();
    let recording = Recording::default();
    let client = async |function: &str| {
        let endpoint = Some(recording.endpoint(function, &moto.endpoint()).await.unwrap().parse().unwrap());
        let credentials =
            Credentials { access_key: "test".into(), secret_key: "test".to_owned().into(), session_token: None };
        let deadlines = Deadlines::SMALL;
        Client::new(&Settings { region: "sa-east-1".into(), endpoint, credentials, deadlines }.config())
    };
    let (first, second) = (client("first").await, client("second").await);
    let queue = first.create_queue().queue_name("porfin-status").send().await.unwrap().queue_url.unwrap();
    second.send_message().queue_url(&queue).message_body("oi").send().await.unwrap();
    let received = second.receive_message().queue_url(&queue).send().await.unwrap();
    assert_eq!(received.messages()[0].body(), Some("oi"));

    let calls = recording.calls();
    let of = |function: &str| -> Vec<(&str, &str)> {
        calls[function].iter().map(|call| (call.action.as_str(), call.resource.as_str())).collect()
    };
    assert_eq!(of("first"), [("sqs:CreateQueue", "porfin-status")]);
    assert_eq!(of("second"), [("sqs:ReceiveMessage", "porfin-status"), ("sqs:SendMessage", "porfin-status")]);
}
