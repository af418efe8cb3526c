use std::time::Duration;

use anyhow::{Context, ensure};
use boot::settings::{Environment, Kind};
use cloud::Setup;
use reqwest::{Client, Response};
use rustls::{ClientConfig, RootCertStore};
use secrecy::{ExposeSecret, SecretString};
use url::Url;
use whatsapp::webhook::AppSecrets;

/// A body of Meta's form that holds no event: it is taken, and has no effect.
const NO_EVENT: &[u8] = br#"{"object":"whatsapp_business_account","entry":[]}"#;

/// Asks a deployment what Meta and a person would ask, and says what answers. Nothing is sent to anybody.
///
/// # Errors
/// The first answer that is not as it must be.
pub(crate) async fn check(url: &Url) -> anyhow::Result<()> {
    let wire = |setup: &Setup<'_>| {
        let secrets = setup.read.required("WHATSAPP_APP_SECRET", Kind::SECRETS);
        let verify_token = setup.read.required("WHATSAPP_VERIFY_TOKEN", Kind::SECRET);
        Some((secrets?, verify_token?))
    };
    let (secrets, verify_token) = cloud::read(Environment::of_process(), wire).await?;
    let http = https().context("the HTTPS client")?;
    let smoke = Smoke { http, url };
    smoke.ready().await?;
    smoke.handshake(&verify_token).await?;
    let signed = AppSecrets::parse(secrets.current.expose_secret())?;
    smoke.deliver(&signed.sign(NO_EVENT), 200).await?;
    println!("webhook: a signed body is taken");
    let forged = AppSecrets::parse("not the app's secret")?;
    smoke.deliver(&forged.sign(NO_EVENT), 401).await?;
    println!("webhook: a forged body is refused");
    Ok(())
}

/// HTTPS with the roots of the Mozilla programme, as everywhere in the project.
fn https() -> anyhow::Result<Client> {
    let roots = RootCertStore { roots: webpki_roots::TLS_SERVER_ROOTS.to_vec() };
    let tls = ClientConfig::builder().with_root_certificates(roots).with_no_client_auth();
    let client = Client::builder().tls_backend_preconfigured(tls).timeout(Duration::from_secs(30));
    Ok(client.redirect(reqwest::redirect::Policy::none()).build()?)
}

struct Smoke<'u> {
    http: Client,
    url: &'u Url,
}

impl Smoke<'_> {
    async fn ready(&self) -> anyhow::Result<()> {
        let answer = self.http.get(self.url.join("/health/ready")?).send().await?;
        let status = answer.status();
        let text = answer.text().await?;
        ensure!(status.is_success(), "api: /health/ready answers {status}: {text}");
        println!("api: every service that it needs answers");
        Ok(())
    }

    async fn handshake(&self, token: &SecretString) -> anyhow::Result<()> {
        let mut url = self.webhook()?;
        url.query_pairs_mut()
            .append_pair("hub.mode", "subscribe")
            .append_pair("hub.verify_token", token.expose_secret())
            .append_pair("hub.challenge", "1158201444");
        // An error of the client names the address, and the address holds the token.
        let answer = self.http.get(url).send().await.map_err(reqwest::Error::without_url)?;
        let status = answer.status();
        let text = answer.text().await.map_err(reqwest::Error::without_url)?;
        ensure!(status == 200 && text == "1158201444", "webhook: the handshake answers {status}");
        println!("webhook: the handshake succeeds");
        Ok(())
    }

    async fn deliver(&self, signature: &str, expected: u16) -> anyhow::Result<Response> {
        let request = self.http.post(self.webhook()?).header("x-hub-signature-256", signature);
        let answer = request.header("content-type", "application/json").body(NO_EVENT).send().await?;
        ensure!(answer.status() == expected, "webhook: a body answers {} in place of {expected}", answer.status());
        Ok(answer)
    }

    fn webhook(&self) -> anyhow::Result<Url> {
        Ok(self.url.join("/webhooks/whatsapp")?)
    }
}
