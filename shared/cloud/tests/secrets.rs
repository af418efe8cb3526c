//! References to secrets, over an emulation of Secrets Manager.

#![allow(clippy::unwrap_used, reason = "tests")]

use aws_client::{Credentials, Deadlines, SdkConfig, Settings};
use aws_sdk_secretsmanager::Client;
use boot::settings::{Environment, Kind};
use cloud::secrets::{SecretError, any, resolve};
use services::Moto;
use url::Url;

fn config(endpoint: &str) -> SdkConfig {
    let credentials = Credentials { access_key: "test".into(), secret_key: "test".into(), session_token: None };
    let endpoint = Some(Url::parse(endpoint).unwrap());
    Settings { region: "sa-east-1".into(), endpoint, credentials, deadlines: Deadlines::SMALL }.config()
}

fn refers_to(text: &str) -> Environment {
    Environment::from_pairs([("PORFIN_ID_KEY", text), ("APP_ENV", "production")])
}

async fn error(text: &str, aws: &SdkConfig) -> SecretError {
    resolve(&mut refers_to(text), aws).await.unwrap_err()
}

#[tokio::test]
async fn a_reference_is_replaced_by_the_member_and_what_is_wrong_is_named_without_the_secret() {
    let moto = Moto::start(None).unwrap();
    let aws = config(&moto.endpoint());
    let client = Client::new(&aws);
    let members = r#"{"PORFIN_ID_KEY":"hunter2","OTHER":"hunter3"}"#;
    client.create_secret().name("porfin/keys").secret_string(members).send().await.unwrap();
    client.create_secret().name("porfin/text").secret_string("hunter2").send().await.unwrap();

    let mut environment = refers_to("secret:porfin/keys#PORFIN_ID_KEY");
    assert!(any(&environment));
    resolve(&mut environment, &aws).await.unwrap();
    let read = |name| environment.read(|read| read.required(name, Kind::TEXT)).unwrap();
    assert_eq!((read("PORFIN_ID_KEY").as_str(), read("APP_ENV").as_str()), ("hunter2", "production"));
    assert!(!any(&environment));

    let missing = error("secret:porfin/keys#NOBODY", &aws).await;
    assert!(matches!(missing, SecretError::Member { .. }), "{missing}");
    let text = error("secret:porfin/text#PORFIN_ID_KEY", &aws).await;
    assert!(matches!(text, SecretError::Form { .. }), "{text}");
    let unknown = error("secret:porfin/unknown#PORFIN_ID_KEY", &aws).await;
    assert!(matches!(unknown, SecretError::Unreadable { .. }), "{unknown}");
    for wrong in [missing, text, unknown] {
        let said = format!("{wrong} {wrong:?}");
        assert!(wrong.to_string().starts_with("PORFIN_ID_KEY: the secret porfin/"), "{wrong}");
        assert!(!said.contains("hunter"), "{said}");
    }
}

#[tokio::test]
async fn where_secrets_manager_does_not_answer_the_variable_is_named() {
    let moto = Moto::start(None).unwrap();
    let aws = config(&moto.endpoint());
    drop(moto);
    let error = error("secret:porfin/keys#PORFIN_ID_KEY", &aws).await;
    assert!(matches!(error, SecretError::Unreadable { .. }), "{error}");
}
