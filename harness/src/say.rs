//! Posts a customer's message as Meta does.

use anyhow::{Context, bail};
use boot::settings::{Environment, Kind};
use boot::{SystemClock, SystemEntropy};
use clap::Args;
use data_encoding::HEXLOWER;
use flow::ports::{Clock, Entropy};
use http::Request;
use http_body_util::{BodyExt, Full};
use hyper_util::client::legacy::Client;
use hyper_util::rt::TokioExecutor;
use serde_json::json;
use whatsapp::webhook::AppSecrets;

use crate::NUMBER;

/// What is said, and to whom.
#[derive(Args)]
pub(crate) struct Message {
    /// What the customer writes
    text: String,
    /// The customer's number, digits only
    #[arg(long, default_value = "5511999990000")]
    from: String,
    /// Where webhooks are taken
    #[arg(long, default_value = "http://127.0.0.1:8100/webhooks/whatsapp")]
    to: String,
}

/// Signs the message with `WHATSAPP_APP_SECRET` and posts it.
pub(crate) async fn post(message: &Message) -> anyhow::Result<()> {
    let wire = |setup: &cloud::Setup<'_>| setup.read.required("WHATSAPP_APP_SECRET", Kind::SECRETS);
    let secrets = cloud::read(Environment::of_process(), wire).await?.into_all();
    let secret = secrets.first().context("an app secret")?;
    let body = body(message).to_string();
    let signature = AppSecrets::parse(secrecy::ExposeSecret::expose_secret(secret))?.sign(body.as_bytes());
    let request = Request::post(&message.to)
        .header("content-type", "application/json")
        .header("x-hub-signature-256", signature)
        .body(Full::new(bytes::Bytes::from(body)))?;
    let client: Client<_, Full<bytes::Bytes>> = Client::builder(TokioExecutor::new()).build_http();
    let response = client.request(request).await.with_context(|| format!("{} cannot be reached", message.to))?;
    let status = response.status();
    let answer = response.into_body().collect().await?.to_bytes();
    if !status.is_success() {
        bail!("the webhook answered {status}: {}", String::from_utf8_lossy(&answer));
    }
    println!("The webhook answered {status}: the message is queued.");
    Ok(())
}

fn body(message: &Message) -> serde_json::Value {
    let id = format!("wamid.{}", HEXLOWER.encode(&SystemEntropy.bits()));
    let at = (SystemClock.now().micros() / 1_000_000).to_string();
    let (number, account, display) = NUMBER;
    let display = display.trim_start_matches('+');
    let value = json!({
        "messaging_product": "whatsapp",
        "metadata": {"display_phone_number": display, "phone_number_id": number},
        "contacts": [{"profile": {"name": "A customer"}, "wa_id": message.from}],
        "messages": [{"from": message.from, "id": id, "timestamp": at, "type": "text", "text": {"body": message.text}}],
    });
    let changes = json!([{"field": "messages", "value": value}]);
    json!({"object": "whatsapp_business_account", "entry": [{"id": account, "changes": changes}]})
}
