//! One burst, one answer, to the right person, by the right token.

use serde_json::json;

use crate::meta::TOKEN;
use crate::openai::echo;
use crate::webhook::Customer;
use crate::world::{World, texts};

#[tokio::test]
async fn three_fragments_get_one_reply_to_their_writer() {
    let world = World::gathering().await;
    let ana = Customer::with_phone("Ana Teste", "5511987650001");
    let rui = Customer::with_phone("Rui Teste", "5521987650002");
    for fragment in ["oi", "tudo bem?", "vocês abrem hoje?"] {
        world.says(&ana, fragment).await;
    }
    world.says(&rui, "bom dia").await;
    let to_ana = world.meta.accepts("5511987650001", 1).await;
    let to_rui = world.meta.accepts("5521987650002", 1).await;
    assert_eq!(to_ana[0].text(), echo("vocês abrem hoje?"));
    assert_eq!(to_rui[0].text(), echo("bom dia"));
    assert_eq!(to_ana[0].token, TOKEN);

    // The next burst gets the next reply: nothing was left over from the first one.
    world.says(&ana, "e amanhã?").await;
    let to_ana = world.meta.accepts("5511987650001", 2).await;
    assert_eq!(to_ana[1].text(), echo("e amanhã?"));
    assert_eq!(world.meta.look(|seen| seen.sends.len()), 3);
    let receipts = world.meta.look(|seen| seen.receipts.clone());
    assert!(receipts.iter().all(|receipt| receipt["typing_indicator"]["type"] == "text"), "{receipts:?}");
    assert!(receipts.len() >= 3);
}

#[tokio::test]
async fn the_model_sees_the_conversation_as_separate_messages() {
    let world = World::gathering().await;
    let ana = Customer::with_phone("Ana Teste", "5511987650001");
    world.says(&ana, "quero um bolo").await;
    world.meta.accepts("5511987650001", 1).await;
    world.says(&ana, "de cenoura").await;
    world.says(&ana, "para sábado").await;
    world.meta.accepts("5511987650001", 2).await;

    let call = world.openai().calls().pop().unwrap();
    let messages = call["messages"].as_array().unwrap();
    assert_eq!(messages[0]["role"], "system");
    let expected = json!([
        {"role": "user", "content": "quero um bolo"},
        {"role": "assistant", "content": echo("quero um bolo")},
        {"role": "user", "content": "de cenoura"},
        {"role": "user", "content": "para sábado"},
    ]);
    assert_eq!(json!(messages[1..]), expected);
}

#[tokio::test]
async fn without_a_model_the_answer_comes_from_the_business_s_own_texts() {
    let world = World::without_model().await;
    let ana = Customer::with_phone("Ana Teste", "5511987650001");
    world.says(&ana, "Vocês abrem no domingo?").await;
    let reply = world.meta.accepts("5511987650001", 1).await;
    assert!(reply[0].text().contains("domingos das 7h às 13h"), "{}", reply[0].text());

    world.says(&ana, "Vocês vendem pneu de trator?").await;
    world.meta.accepts("5511987650001", 2).await;
    let messages = world.messages_with(&ana).await;
    assert_eq!(messages.len(), 4, "{:?}", texts(&messages));
    assert!(texts(&messages)[3].contains("eu não tenho aqui"), "{:?}", texts(&messages));
}
