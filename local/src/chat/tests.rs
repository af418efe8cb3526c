//! The chat against a simulator whose business repeats what it hears.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "tests")]

use std::path::Path;

use serde_json::{Value, json};
use tokio::sync::mpsc;
use tokio_util::task::AbortOnDropHandle;

use super::connection::{ChatError, Connection};
use super::{ChatOptions, number, piped, terminal};
use crate::files::LocalFile;
use crate::simulator::tests::{ANA, KEY, NUMBER, Place};

/// A business that reads, types and repeats every text; "botões" gets buttons, and silence nothing.
fn repeat(mut place: Place) -> AbortOnDropHandle<()> {
    AbortOnDropHandle::new(tokio::spawn(async move {
        loop {
            let Some(message) = place.next_message().await else { return };
            let path = format!("{NUMBER}/messages");
            let send = async |body: Value| {
                let mut all = json!({"messaging_product": "whatsapp", "to": ANA});
                all.as_object_mut().unwrap().extend(body.as_object().unwrap().clone());
                place.graph(reqwest::Method::POST, &path).json(&all).send().await.unwrap();
            };
            let words = message.pointer("/text/body").or(message.pointer("/interactive/button_reply/title"));
            let words = words.unwrap().as_str().unwrap().to_owned();
            if words == "silêncio" {
                continue;
            }
            send(json!({"status": "read", "message_id": message["id"], "typing_indicator": {"type": "text"}})).await;
            if words == "botões" {
                let reply = json!({"type": "reply", "reply": {"id": "b1", "title": "Pão quente"}});
                send(json!({"type": "interactive", "interactive": {"type": "button", "body": {"text": "Escolha"}, "action": {"buttons": [reply]}}})).await;
            } else {
                send(json!({"text": {"body": format!("Você disse: {words}")}})).await;
            }
        }
    }))
}

fn write_local_file(folder: &Path, base_url: &str, key: &str) {
    let file = LocalFile {
        base_url: base_url.to_owned(),
        api_key: key.to_owned(),
        operator_key: String::new(),
        organization_id: "org_x".to_owned(),
        phone_number_id: NUMBER.to_owned(),
        waba_id: "1".to_owned(),
        verify_token: "v".to_owned(),
        app_secret: "s".to_owned(),
    };
    file.write(folder).unwrap();
}

async fn connected() -> (AbortOnDropHandle<()>, Connection) {
    let folder = tempfile::tempdir().unwrap();
    let place = Place::new().await;
    write_local_file(folder.path(), &place.base, KEY);
    let connection = Connection::open(folder.path(), ANA, "Ana").unwrap();
    (repeat(place), connection)
}

fn lines(all: &[&str]) -> mpsc::Receiver<String> {
    let (sender, lines) = mpsc::channel(16);
    for line in all {
        sender.try_send((*line).to_owned()).unwrap();
    }
    lines
}

#[tokio::test]
async fn piped_lines_are_answered_one_by_one_and_the_end_of_the_input_ends_the_chat() {
    let (_business, connection) = connected().await;
    let mut out = Vec::new();
    piped::talk(&connection, lines(&["oi", "", "tudo bem?"]), piped::PATIENCE, &mut out).await.unwrap();
    let expected = "Ana: oi\nPadaria: Você disse: oi\nAna: tudo bem?\nPadaria: Você disse: tudo bem?\n";
    assert_eq!(String::from_utf8(out).unwrap(), expected);
    let mut out = Vec::new();
    piped::talk(&connection, lines(&["de novo", "/quit", "nunca"]), piped::PATIENCE, &mut out).await.unwrap();
    assert_eq!(
        String::from_utf8(out).unwrap(),
        "Ana: de novo\nPadaria: Você disse: de novo\n",
        "nothing old is repeated"
    );
}

#[tokio::test]
async fn piped_lines_do_not_wait_for_ever_for_an_answer_that_never_comes() {
    let (_business, connection) = connected().await;
    let mut out = Vec::new();
    piped::talk(&connection, lines(&["silêncio"]), 2, &mut out).await.unwrap();
    assert_eq!(String::from_utf8(out).unwrap(), "Ana: silêncio\n");
}

/// An output that can be looked at while the chat goes on.
#[derive(Clone, Default)]
struct Window(std::sync::Arc<std::sync::Mutex<Vec<u8>>>, std::sync::Arc<tokio::sync::Notify>);

impl std::io::Write for Window {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        self.1.notify_one();
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

impl Window {
    async fn shows(&self, words: &str) {
        let wait = async {
            while !String::from_utf8_lossy(&self.0.lock().unwrap()).contains(words) {
                self.1.notified().await;
            }
        };
        if tokio::time::timeout(std::time::Duration::from_secs(20), wait).await.is_err() {
            panic!("{words:?} never showed: {:?}", String::from_utf8_lossy(&self.0.lock().unwrap()));
        }
    }
}

#[tokio::test]
async fn a_terminal_shows_ticks_answers_and_buttons_that_can_be_tapped() {
    let (_business, connection) = connected().await;
    let (sender, lines) = mpsc::channel(4);
    let window = Window::default();
    let mut out = window.clone();
    let customer = async {
        window.shows("You are Ana and talk with Padaria (+551130000000).").await;
        sender.send("silêncio".to_owned()).await.unwrap();
        window.shows("✓✓ › ").await;
        sender.send("botões".to_owned()).await.unwrap();
        window.shows("Padaria: Escolha\n  /1 Pão quente").await;
        sender.send("/2".to_owned()).await.unwrap();
        window.shows("There is no such choice.").await;
        sender.send("/1".to_owned()).await.unwrap();
        window.shows("Padaria: Você disse: Pão quente").await;
        drop(sender);
    };
    let (talked, ()) = tokio::join!(terminal::talk(&connection, lines, &mut out, false), customer);
    talked.unwrap();
}

#[tokio::test]
async fn a_program_that_does_not_run_is_said_so_with_what_to_do() {
    let folder = tempfile::tempdir().unwrap();
    let missing = Connection::open(folder.path(), ANA, "Ana").err().unwrap();
    assert!(matches!(&missing, ChatError::NotStarted { .. }) && missing.to_string().contains("cargo run"), "{missing}");
    std::fs::write(folder.path().join("local.json"), "{").unwrap();
    assert!(matches!(Connection::open(folder.path(), ANA, "Ana"), Err(ChatError::BadFile { .. })));
    let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    write_local_file(folder.path(), &format!("http://{free}"), KEY);
    let connection = Connection::open(folder.path(), ANA, "Ana").unwrap();
    let gone = piped::talk(&connection, lines(&["oi"]), piped::PATIENCE, &mut Vec::new()).await.err().unwrap();
    assert!(matches!(&gone, ChatError::NotRunning { .. }) && gone.to_string().contains("cargo run"), "{gone}");
}

#[tokio::test]
async fn a_wrong_key_and_a_program_without_simulator_are_told_apart() {
    let folder = tempfile::tempdir().unwrap();
    let place = Place::new().await;
    write_local_file(folder.path(), &place.base, "another key");
    let connection = Connection::open(folder.path(), ANA, "Ana").unwrap();
    assert!(matches!(connection.look(0, 0).await, Err(ChatError::Refused { status: 401, .. })));
    write_local_file(folder.path(), &format!("{}/elsewhere", place.base), KEY);
    let connection = Connection::open(folder.path(), ANA, "Ana").unwrap();
    assert!(matches!(connection.look(0, 0).await, Err(ChatError::NoSimulator { .. })));
}

#[test]
fn the_customers_number_is_read_in_any_form_and_refused_when_it_is_none() {
    assert_eq!(number("+55 (11) 98765-4321").as_deref(), Ok("5511987654321"));
    assert!(number("eleven").is_err());
    assert_eq!(number(&ChatOptions::default().number).as_deref(), Ok(ANA));
}
