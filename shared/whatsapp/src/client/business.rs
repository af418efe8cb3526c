//! Meta's management side: templates of an account, and its numbers.

use async_trait::async_trait;
use domain::NumberId;
use domain::line::LineReport;
use domain::template::{Category, Listed, TemplateDraft, TemplateEdit, TemplateStatus};
use flow::ports::{Account, Business, BusinessError, Channel, Submitted, TemplatePage};
use reqwest::{Method, RequestBuilder};
use serde::Deserialize;
use serde_json::{Value, json};

use super::answer::Failure;
use super::{Client, json as json_body, send_and_read};
use crate::manage::{self, FIELDS};

/// How many templates a page has: with all their texts they stay below what is read of an answer.
const PAGE: &str = "50";

/// A page of templates is longer than other answers.
const MAX_PAGE: usize = 8 * 1024 * 1024;

/// What Graph is asked about a number. `status` and `name_status` are the number's own; quality, tier and throughput are
/// how Meta lets it send.
const NUMBER: &str = "id,display_phone_number,verified_name,quality_rating,status,name_status,throughput,\
                      platform_type,whatsapp_business_manager_messaging_limit";

#[async_trait]
impl Business for Client {
    async fn templates(&self, account: &Account, after: Option<&str>) -> Result<TemplatePage, BusinessError> {
        let mut url = self.endpoint.url(&[&account.waba_id, "message_templates"]);
        url.query_pairs_mut().append_pair("fields", FIELDS).append_pair("limit", PAGE);
        if let Some(after) = after {
            url.query_pairs_mut().append_pair("after", after);
        }
        let body = self.manage(self.request_to(Method::GET, url, &account.token)).await?;
        manage::read_page(&body).ok_or(UNREADABLE)
    }

    async fn find_template(
        &self,
        account: &Account,
        name: &str,
        language: &str,
    ) -> Result<Option<Listed>, BusinessError> {
        let mut url = self.endpoint.url(&[&account.waba_id, "message_templates"]);
        url.query_pairs_mut().append_pair("fields", FIELDS).append_pair("name", name).append_pair("limit", PAGE);
        let body = self.manage(self.request_to(Method::GET, url, &account.token)).await?;
        let page = manage::read_page(&body).ok_or(UNREADABLE)?;
        // Graph takes `name` for a part of a name.
        Ok(page.templates.into_iter().find(|found| found.name == name && found.language == language))
    }

    async fn template(&self, account: &Account, meta_id: &str) -> Result<Listed, BusinessError> {
        let body = self.manage(self.get(meta_id, ("fields", FIELDS), &account.token)).await?;
        let value = serde_json::from_slice::<Value>(&body).map_err(|_| UNREADABLE)?;
        manage::read_template(&value).filter(|found| found.meta_id == meta_id).ok_or(UNREADABLE)
    }

    async fn create_template(&self, account: &Account, draft: &TemplateDraft) -> Result<Submitted, BusinessError> {
        let request = self.request(Method::POST, &[&account.waba_id, "message_templates"], &account.token);
        let body = json!({
            "name": draft.name(),
            "language": draft.language(),
            "category": draft.category().meta(),
            "parameter_format": draft.format().as_str().to_ascii_uppercase(),
            "components": draft.components(),
        });
        let body = self.manage(request.map(|request| json_body(request, &body))).await?;
        let made: Made = serde_json::from_slice(&body).map_err(|_| UNREADABLE)?;
        let category = made.category.as_deref().map_or_else(|| draft.category().clone(), Category::parse);
        let status = made.status.as_deref().map_or(TemplateStatus::Pending, TemplateStatus::parse);
        Ok(Submitted { meta_id: made.id, status, category })
    }

    async fn edit_template(&self, account: &Account, meta_id: &str, edit: &TemplateEdit) -> Result<(), BusinessError> {
        let mut body = json!({});
        if let Some(category) = edit.category() {
            body["category"] = category.meta().into();
        }
        if let Some(components) = edit.components() {
            body["components"] = components.into();
        }
        let request = self.request(Method::POST, &[meta_id], &account.token);
        self.done(request.map(|request| json_body(request, &body))).await
    }

    async fn delete_template(&self, account: &Account, meta_id: &str, name: &str) -> Result<(), BusinessError> {
        let mut url = self.endpoint.url(&[&account.waba_id, "message_templates"]);
        url.query_pairs_mut().append_pair("name", name).append_pair("hsm_id", meta_id);
        match self.done(self.request_to(Method::DELETE, url, &account.token)).await {
            // There is none of that name.
            Err(BusinessError::Refused(refusal)) if refusal.subcode == Some(NO_SUCH_TEMPLATE) => Ok(()),
            done => done,
        }
    }

    async fn number(&self, channel: &Channel) -> Result<LineReport, BusinessError> {
        let body = self.manage(self.get(channel.number.as_str(), ("fields", NUMBER), &channel.token)).await?;
        let value = serde_json::from_slice::<Value>(&body).map_err(|_| UNREADABLE)?;
        if value.get("id").and_then(Value::as_str) != Some(channel.number.as_str()) {
            return Err(BusinessError::Silent("the answer is about another number"));
        }
        Ok(manage::read_number(&value))
    }

    async fn owns_number(&self, account: &Account, number: &NumberId) -> Result<bool, BusinessError> {
        let mut after = None::<String>;
        for _ in 0..MOST_NUMBER_PAGES {
            let mut url = self.endpoint.url(&[&account.waba_id, "phone_numbers"]);
            url.query_pairs_mut().append_pair("fields", "id").append_pair("limit", "100");
            if let Some(after) = &after {
                url.query_pairs_mut().append_pair("after", after);
            }
            let body = self.manage(self.request_to(Method::GET, url, &account.token)).await?;
            let value = serde_json::from_slice::<Value>(&body).map_err(|_| UNREADABLE)?;
            let data = value.get("data").and_then(Value::as_array).ok_or(UNREADABLE)?;
            if data.iter().any(|one| one.get("id").and_then(Value::as_str) == Some(number.as_str())) {
                return Ok(true);
            }
            let next = manage::next_page(&value, data.len());
            if next.is_none() || next == after {
                return Ok(false);
            }
            after = next;
        }
        Ok(false)
    }

    async fn register(&self, channel: &Channel, pin: &str) -> Result<(), BusinessError> {
        let request = self.request(Method::POST, &[channel.number.as_str(), "register"], &channel.token);
        let body = json!({ "messaging_product": "whatsapp", "pin": pin });
        self.done(request.map(|request| json_body(request, &body))).await
    }

    async fn subscribe(&self, account: &Account) -> Result<(), BusinessError> {
        let request = self.request(Method::POST, &[&account.waba_id, "subscribed_apps"], &account.token);
        self.done(request.map(|request| json_body(request, &json!({})))).await
    }
}

/// Meta lets a portfolio have 25 numbers, and more where it agrees to that.
const MOST_NUMBER_PAGES: usize = 10;

/// Meta's subcode for a template that is not there.
const NO_SUCH_TEMPLATE: i64 = 2_593_002;

const UNREADABLE: BusinessError = BusinessError::Silent("the answer cannot be read");

#[derive(Deserialize)]
struct Made {
    id: String,
    status: Option<String>,
    category: Option<String>,
}

#[derive(Deserialize)]
struct Done {
    success: bool,
}

impl Client {
    /// Makes a call of management, and returns the body of its success.
    async fn manage(&self, request: Option<RequestBuilder>) -> Result<Vec<u8>, BusinessError> {
        match send_and_read(request, MAX_PAGE).await {
            Ok(answer) => answer.managed(),
            Err(Failure::BadToken) => Err(super::answer::bad_token_of_management().into()),
            Err(failure) => Err(BusinessError::Silent(failure.reason())),
        }
    }

    /// A call whose success says that and nothing else.
    async fn done(&self, request: Option<RequestBuilder>) -> Result<(), BusinessError> {
        let body = self.manage(request).await?;
        match serde_json::from_slice(&body) {
            Ok(Done { success: true }) => Ok(()),
            Ok(Done { success: false }) => Err(BusinessError::Silent("Meta says that it did not do it")),
            Err(_) => Err(UNREADABLE),
        }
    }
}
