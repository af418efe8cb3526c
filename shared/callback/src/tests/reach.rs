use domain::webhook::Reach;
use flow::ports::{WebhookError, WebhookSender};
use rustls::RootCertStore;

use super::server::{answer, plain, tls};
use super::{Scripted, callback, to};

const NAME: &str = "hooks.example.com";

#[tokio::test]
async fn a_name_is_looked_up_once_and_connected_to_where_it_led() {
    let (mut server, roots) = tls(answer("200 OK", ""), NAME).await;
    // A second look-up would lead elsewhere.
    let lookup = Scripted::new(&[&["127.0.0.1"], &["192.0.2.1"]]);
    let callback = callback(Reach::PublicAndLoopback, lookup.clone(), roots);
    let answer = callback.post(&to(&format!("https://{NAME}:{}/", server.port))).await.unwrap();
    assert_eq!((answer.status, lookup.asked()), (200, 1));
    let request = server.requests.recv().await.unwrap().to_ascii_lowercase();
    assert!(request.contains(&format!("host: {NAME}:{}", server.port)), "{request}");
    // Each post looks anew, and what may not be called any more is not.
    let second = callback.post(&to(&format!("https://{NAME}:{}/", server.port))).await;
    assert_eq!((second, lookup.asked(), server.connections()), (Err(WebhookError::Forbidden), 2, 1));
}

#[tokio::test]
async fn a_name_that_leads_inside_is_not_connected_to() {
    let (server, roots) = tls(answer("200 OK", ""), NAME).await;
    for address in [
        "127.0.0.1",
        "10.0.0.1",
        "172.16.0.1",
        "192.168.1.1",
        "100.64.0.1",
        "169.254.169.254",
        "0.0.0.0",
        "224.0.0.1",
        "::1",
        "::ffff:127.0.0.1",
        "64:ff9b::7f00:1",
        "2002:7f00:1::",
        "fd00:ec2::254",
        "fe80::1",
    ] {
        let address: &'static str = address;
        let callback = callback(Reach::Public, Scripted::new(&[&[address]]), roots.clone());
        let answer = callback.post(&to(&format!("https://{NAME}:{}/", server.port))).await;
        assert_eq!(answer, Err(WebhookError::Forbidden), "{address}");
    }
    assert_eq!(server.connections(), 0);
}

#[tokio::test]
async fn one_address_inside_among_others_is_enough() {
    let lookup = Scripted::new(&[&["8.8.8.8", "127.0.0.1"]]);
    let callback = callback(Reach::Public, lookup, RootCertStore::empty());
    assert_eq!(callback.post(&to("https://hooks.example.com/")).await, Err(WebhookError::Forbidden));
}

#[tokio::test]
async fn an_address_that_is_written_out_is_judged_without_a_look_up() {
    let server = plain(answer("200 OK", "")).await;
    let lookup = Scripted::new(&[&["8.8.8.8"]]);
    let callback = callback(Reach::Public, lookup.clone(), RootCertStore::empty());
    let port = server.port;
    for url in [
        format!("http://127.0.0.1:{port}/"),
        format!("https://127.0.0.1:{port}/"),
        format!("https://2130706433:{port}/"),
        format!("https://[::1]:{port}/"),
        format!("https://[::ffff:127.0.0.1]:{port}/"),
        format!("https://localhost:{port}/"),
        format!("https://user:word@example.com:{port}/"),
        "https://example.com:22/".to_owned(),
        "http://example.com/".to_owned(),
        "file:///etc/passwd".to_owned(),
    ] {
        assert_eq!(callback.post(&to(&url)).await, Err(WebhookError::Forbidden), "{url}");
    }
    assert_eq!((server.connections(), lookup.asked()), (0, 0));
}

#[tokio::test]
async fn a_name_that_leads_nowhere_is_said_to() {
    for answers in [&[][..], &[&[][..]][..]] {
        let callback = callback(Reach::Public, Scripted::new(answers), RootCertStore::empty());
        assert_eq!(callback.post(&to("https://hooks.example.com/")).await, Err(WebhookError::UnknownHost));
    }
}

#[tokio::test]
async fn a_certificate_for_another_name_or_of_nobody_known_is_no_connection() {
    let (server, roots) = tls(answer("200 OK", ""), "another.example.com").await;
    let url = to(&format!("https://{NAME}:{}/", server.port));
    for roots in [roots, RootCertStore::empty()] {
        let callback = callback(Reach::PublicAndLoopback, Scripted::new(&[&["127.0.0.1"]]), roots);
        assert_eq!(callback.post(&url).await, Err(WebhookError::NotConnected));
    }
    assert!(super::Callback::new(Reach::Public).is_ok());
}
