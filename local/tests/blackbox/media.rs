//! Files in both directions, with a foreign Meta.

use serde_json::json;

use crate::wait::eventually;
use crate::webhook::Customer;
use crate::world::World;

#[tokio::test]
async fn a_picture_of_a_customers_is_kept_and_a_file_of_ours_is_uploaded_once() {
    let world = World::without_model().await;
    let ana = Customer::with_phone("Ana Teste", "5511987650001");
    let picture = json!({"id": "900100", "mime_type": "image/jpeg"});
    world.deliver(&ana.message(world.unique(), "image", picture)).await;
    let conversation = world.sees(&ana, "a conversation", |_| true).await["id"].as_str().unwrap().to_owned();
    let stored = eventually("the picture is here", || async {
        let messages = world.messages_with(&ana).await;
        messages.into_iter().find(|message| message["media"]["state"] == "stored")
    });
    let message = stored.await["id"].as_str().unwrap().to_owned();
    let file = world.download(&format!("/conversations/{conversation}/messages/{message}/media")).await;
    assert_eq!(file, br#"{"file":"900100"}"#);

    let ours = world.store("image/png", b"A picture").await;
    for key in ["one", "two"] {
        let content = json!({"type": "media", "kind": "image", "source": {"media_id": ours}});
        world.send(&conversation, key, content).await;
    }
    let pictures = |seen: &crate::meta::Seen| {
        let sent = seen.accepted_to(ana.address()).into_iter().map(|sent| sent.body["image"].clone());
        sent.filter(|image| !image.is_null()).collect::<Vec<_>>()
    };
    world.meta.until("two pictures", |seen| pictures(seen).len() == 2).await;
    let sent = world.meta.look(pictures);
    assert!(sent[0]["id"].is_string());
    assert_eq!(sent[0], sent[1]);
}
