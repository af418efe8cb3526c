use services::Moto;
use services::resources::Resources;

#[test]
fn the_resources_are_made_once_for_each_prefix() {
    let moto = Moto::start(None).unwrap();
    let variables = Resources::default().make(&moto).unwrap();
    let value = |name: &str| {
        let found = variables.iter().find(|(variable, _)| variable == name);
        found.unwrap_or_else(|| panic!("{name} is missing")).1.as_str()
    };
    let queue = |name: &str| format!("{}/123456789012/porfin-dev-{name}", moto.endpoint());
    assert_eq!(value("PORFIN_QUEUE_INBOUND_URL"), queue("inbound.fifo"));
    assert_eq!(value("PORFIN_QUEUE_STATUS_URL"), queue("status"));
    assert_eq!(value("PORFIN_QUEUE_REPLY_URL"), queue("reply.fifo"));
    assert_eq!(value("PORFIN_QUEUE_SEND_URL"), queue("send.fifo"));
    assert_eq!(value("PORFIN_DEAD_LETTERS_SEND_URL"), queue("send-dead.fifo"));
    assert_eq!(value("PORFIN_ITEMS_TABLE"), "porfin-dev-items");
    assert_eq!(value("PORFIN_BLOBS_BUCKET"), "porfin-dev-blobs");
    assert_eq!(value("PORFIN_ID_KEY"), "secret:porfin-dev/keys#PORFIN_ID_KEY");

    let again = Resources::default().make(&moto).unwrap_err().to_string();
    assert!(again.contains("porfin-dev-items"), "{again}");
    let another = Resources { prefix: "another".into(), ..Resources::default() };
    assert_eq!(another.make(&moto).unwrap().len(), variables.len());
}
