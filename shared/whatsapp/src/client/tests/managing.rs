//! The management side.

use domain::template::{Category, NewTemplate, ParameterFormat, TemplateDraft, TemplateEdit, TemplateStatus};
use flow::ports::{Account, Business, BusinessError};

use super::*;

fn account() -> Account {
    Account { waba_id: "55".into(), token: SecretString::from("TOKEN") }
}

fn template(id: &str) -> Value {
    json!({"id": id, "name": "oi", "language": "pt_BR", "status": "APPROVED", "category": "UTILITY"})
}

fn draft() -> TemplateDraft {
    TemplateDraft::check(NewTemplate {
        name: "oi".into(),
        language: "pt_BR".into(),
        category: Category::Utility,
        format: ParameterFormat::Positional,
        components: vec![json!({"type": "BODY", "text": "Bom dia!"})],
    })
    .unwrap()
}

#[tokio::test]
async fn a_number_is_checked_by_asking_for_it() {
    let (base, meta) = meta(vec![
        (200, json!({"id": "777", "verified_name": "Padaria", "quality_rating": "GREEN", "throughput": {"level": "HIGH"}})),
        (200, json!({"id": "777"})),
        (401, json!({"error": {"code": 190, "message": "expired"}})),
        (200, json!({"id": "778"})),
        (500, json!("oops")),
    ])
    .await;
    let client = client(&base);
    let number = client.number(&channel()).await.unwrap();
    assert_eq!((number.verified_name.as_deref(), number.quality.as_deref()), (Some("Padaria"), Some("GREEN")));
    assert_eq!(number.throughput.as_deref(), Some("HIGH"));
    assert!(meta.seen()[0].uri.starts_with("/v25.0/777?fields=id%2Cdisplay_phone_number"));
    client.check_number(&channel()).await.unwrap();
    let expired = client.check_number(&channel()).await;
    assert!(matches!(expired, Err(WhatsAppError::Refused { code: 190, class: RefusalClass::Auth })));
    assert!(matches!(client.check_number(&channel()).await, Err(WhatsAppError::Unavailable(_))));
    assert!(matches!(client.check_number(&channel()).await, Err(WhatsAppError::Unavailable(_))));
}

#[tokio::test]
async fn the_app_is_subscribed_to_the_account() {
    let (base, meta) = meta(vec![(200, json!({"success": true})), (200, json!({"success": false}))]).await;
    let client = client(&base);
    client.subscribe(&account()).await.unwrap();
    assert_eq!((meta.seen()[0].method.as_str(), meta.seen()[0].uri.as_str()), ("POST", "/v25.0/55/subscribed_apps"));
    assert!(client.subscribe(&account()).await.is_err());
}

#[tokio::test]
async fn a_number_is_looked_for_on_all_pages_of_its_account() {
    let page = |id: &str, next: bool| {
        let mut page = json!({"data": [{"id": id}], "paging": {"cursors": {"after": id}}});
        if next {
            page["paging"]["next"] = json!("https://…");
        }
        (200, page)
    };
    let (base, meta) = meta(vec![page("1", true), page("777", false), (200, json!({"data": []}))]).await;
    let client = client(&base);
    assert!(client.owns_number(&account(), &channel().number).await.unwrap());
    assert!(meta.seen()[1].uri.ends_with("&after=1"), "{}", meta.seen()[1].uri);
    assert!(!client.owns_number(&account(), &channel().number).await.unwrap());
}

#[tokio::test]
async fn a_number_is_registered_with_its_pin() {
    let (base, meta) = meta(vec![(200, json!({"success": true}))]).await;
    client(&base).register(&channel(), "123456").await.unwrap();
    let seen = &meta.seen()[0];
    assert_eq!(seen.uri, "/v25.0/777/register");
    let body: Value = serde_json::from_slice(&seen.body).unwrap();
    assert_eq!(body, json!({"messaging_product": "whatsapp", "pin": "123456"}));
}

#[tokio::test]
async fn templates_are_listed_page_by_page() {
    let first = json!({"data": [template("1"), 5], "paging": {"cursors": {"after": "A="}, "next": "https://…"}});
    let (base, meta) = meta(vec![(200, first), (200, json!({"data": [template("2")]}))]).await;
    let client = client(&base);
    let page = client.templates(&account(), None).await.unwrap();
    assert_eq!((page.templates.len(), page.unreadable.as_slice(), page.next.as_deref()), (1, &[None][..], Some("A=")));
    let last = client.templates(&account(), page.next.as_deref()).await.unwrap();
    assert_eq!((last.templates[0].meta_id.as_str(), last.next), ("2", None));
    assert!(meta.seen()[0].uri.starts_with("/v25.0/55/message_templates?fields=id%2Cname"));
    assert!(meta.seen()[1].uri.ends_with("&after=A%3D"), "{}", meta.seen()[1].uri);
}

#[tokio::test]
async fn a_template_is_made_changed_looked_at_and_deleted() {
    let (base, meta) = meta(vec![
        (200, json!({"id": "7", "status": "PENDING", "category": "MARKETING"})),
        (200, json!({"success": true})),
        (200, template("7")),
        (200, json!({"data": [template("7")]})),
        (200, json!({"success": true})),
    ])
    .await;
    let client = client(&base);
    let made = client.create_template(&account(), &draft()).await.unwrap();
    assert_eq!(
        (made.meta_id.as_str(), made.status, made.category),
        ("7", TemplateStatus::Pending, Category::Marketing)
    );
    let components = Some(draft().components().to_vec());
    let edit = TemplateEdit::check(&Category::Utility, ParameterFormat::Positional, None, components).unwrap();
    client.edit_template(&account(), "7", &edit).await.unwrap();
    assert_eq!(client.template(&account(), "7").await.unwrap().name, "oi");
    assert_eq!(client.find_template(&account(), "oi", "pt_BR").await.unwrap().unwrap().meta_id, "7");
    client.delete_template(&account(), "7", "oi").await.unwrap();
    let asked: Vec<_> = meta.seen().iter().map(|seen| (seen.method.to_string(), seen.uri.to_string())).collect();
    let at = |n: usize| (asked[n].0.as_str(), asked[n].1.split('?').next().unwrap());
    assert_eq!(at(0), ("POST", "/v25.0/55/message_templates"));
    assert_eq!(at(1), ("POST", "/v25.0/7"));
    assert_eq!(at(2), ("GET", "/v25.0/7"));
    assert_eq!(asked[4], ("DELETE".into(), "/v25.0/55/message_templates?name=oi&hsm_id=7".into()));
    let body: Value = serde_json::from_slice(&meta.seen()[0].body).unwrap();
    let expected = json!({"name": "oi", "language": "pt_BR", "category": "UTILITY", "parameter_format": "POSITIONAL",
                          "components": [{"type": "BODY", "text": "Bom dia!"}]});
    assert_eq!(body, expected);
    let body: Value = serde_json::from_slice(&meta.seen()[1].body).unwrap();
    assert_eq!(body, json!({"components": expected["components"]}));
}

#[tokio::test]
async fn a_refusal_is_in_metas_words_and_silence_is_no_refusal() {
    let said = json!({"error": {"code": 100, "error_subcode": 2_388_024, "message": "Invalid parameter",
                                "error_user_title": "Já existe", "error_user_msg": "Escolha outro nome."}});
    let (base, _meta) = meta(vec![
        (400, said),
        (400, json!({"error": {"code": 100, "message": "(#100) Invalid", "error_data": {"details": "Too long."}}})),
        (400, json!({"error": {"code": 100, "error_subcode": 2_593_002, "message": "(#100) none"}})),
        (502, json!("bad gateway")),
    ])
    .await;
    let client = client(&base);
    let Err(BusinessError::Refused(refusal)) = client.create_template(&account(), &draft()).await else {
        unreachable!("refused")
    };
    assert_eq!((refusal.code, refusal.subcode), (100, Some(2_388_024)));
    assert_eq!(refusal.message.as_deref(), Some("Já existe: Escolha outro nome."));
    assert_eq!(refusal.class, RefusalClass::Invalid);
    let Err(BusinessError::Refused(refusal)) = client.create_template(&account(), &draft()).await else {
        unreachable!("refused")
    };
    assert_eq!(refusal.message.as_deref(), Some("Too long."));
    client.delete_template(&account(), "7", "oi").await.unwrap();
    assert!(matches!(client.create_template(&account(), &draft()).await, Err(BusinessError::Silent(_))));
}
