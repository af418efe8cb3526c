//! The platform's own client against the simulator: what was certainly not taken and what perhaps was are told apart.

use domain::outbound::OutboundContent;
use domain::outcome::{RefusalClass, SendOutcome};
use flow::ports::{Address, Channel, SendRequest, WhatsApp};
use whatsapp::client::{Client, Endpoint, Timeouts};

use super::*;

fn client(place: &Place) -> Client {
    let endpoint = Endpoint::parse(&format!("{}/simulator/graph", place.base), "v25.0").unwrap();
    let call = Duration::from_millis(400);
    Client::new(endpoint, Timeouts { call, ..Timeouts::default() }).unwrap()
}

fn channel(token: &str) -> Channel {
    Channel { number: NUMBER.parse().unwrap(), token: SecretString::from(token) }
}

fn request(callback_data: &str) -> SendRequest {
    SendRequest {
        to: Address { wa_id: Some(ANA.to_owned()), user_id: None },
        content: OutboundContent::Text { body: "Olá!".into(), preview_url: false },
        reply_to: None,
        callback_data: callback_data.to_owned(),
    }
}

#[tokio::test]
async fn every_fault_leads_to_the_outcome_that_its_acceptance_allows() {
    let place = Place::new().await;
    let client = client(&place);
    let message = place.says(ANA, "oi").await;
    for (place_in_list, (action, expected, taken)) in [
        (json!({"type": "delay", "ms": 100}), "accepted", true),
        (json!({"type": "drop_answer_after_accept"}), "ambiguous", true),
        (json!({"type": "hang"}), "ambiguous", true),
        (json!({"type": "hang", "accepted": false}), "ambiguous", false),
        (json!({"type": "truncate_answer"}), "ambiguous", true),
        (json!({"type": "http_502_html"}), "ambiguous", false),
        (json!({"type": "http_502_html", "accepted": true}), "ambiguous", true),
        (json!({"type": "redirect"}), "ambiguous", false),
        (json!({"type": "http_500_json"}), "Transient", false),
        (json!({"type": "error", "code": 130_429}), "Throughput", false),
        (json!({"type": "error", "code": 131_056}), "PairRate", false),
        (json!({"type": "error", "code": 190}), "Auth", false),
        (json!({"type": "error", "code": 131_050}), "OptedOut", false),
    ]
    .into_iter()
    .enumerate()
    {
        place.plans(json!([{ "action": action }])).await;
        let data = format!("in_{place_in_list}");
        let outcome = client.send(&channel(TOKEN), &request(&data)).await;
        let found = match outcome {
            SendOutcome::Accepted { .. } => "accepted".to_owned(),
            SendOutcome::Ambiguous { .. } => "ambiguous".to_owned(),
            SendOutcome::Refused(refusal) => format!("{:?}", refusal.class),
        };
        assert_eq!(found, expected, "{action}");
        let counted = place.acceptances().await["by_callback_data"][&data].clone();
        assert_eq!(counted, if taken { json!(1) } else { Value::Null }, "{action}");
    }
    place.plans(json!([])).await;
    let SendOutcome::Refused(refusal) = client.send(&channel("another token"), &request("in_x")).await else {
        panic!("a wrong token is refused");
    };
    assert_eq!((refusal.code, refusal.class), (190, RefusalClass::Auth));
    assert!(client.check_number(&channel("another token")).await.is_err());
    client.check_number(&channel(TOKEN)).await.unwrap();
    client.mark_read(&channel(TOKEN), &message.parse().unwrap(), true).await.unwrap();
    assert_eq!(place.screen(ANA, 0, 0).await["typing"], true);
}
