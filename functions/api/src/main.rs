//! The `api` function in Lambda.

use std::process::ExitCode;

use api::{AccessSettings, Answering, ApiSettings, ApiState, access_tokens};
use boot::settings::Kind;
use cloud::{Ports, Setup};

fn main() -> ExitCode {
    cloud::start("api", wire, async |state| lambda_http::run(api::router(state)).await)
}

fn wire(setup: &Setup<'_>) -> Option<ApiState> {
    let (documents, items, limiter) = (setup.documents(), setup.items(), setup.limiter());
    let (queues, blobs) = (setup.every_queue(), setup.blobs());
    let (business, whatsapp) = (setup.business(), setup.whatsapp());
    let (model, usual_model) = (setup.model(), setup.usual_model());
    let token_keys = setup.read.required("PORFIN_TOKEN_KEY", Kind::KEYS);
    let (settings, access) = (ApiSettings::read(setup.read), AccessSettings::read(setup.read));
    let queues = queues?;
    let ports =
        Ports { documents: documents?, items: items?, limiter: limiter?, queues: queues.clone(), blobs: blobs? };
    let (platform, access) = (setup.platform(ports)?, access?);
    let tokens = access_tokens(&token_keys?, setup.clock(), setup.entropy());
    let answering = Answering { model: model?, usual_model: Some(usual_model?) };
    let state = ApiState::new(platform, queues, tokens, settings?).with_operators(access.operators());
    let state = state.with_answering(answering).with_business(business?).with_whatsapp(whatsapp?);
    match access.sign_in(setup.clock()) {
        Ok(Some(sign_in)) => Some(state.with_sign_in(sign_in)),
        Ok(None) => Some(state),
        Err(error) => {
            setup.read.wrong("FIREBASE_PROJECT_ID", &error.to_string(), "a project whose keys can be asked for");
            None
        }
    }
}
