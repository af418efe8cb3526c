//! Meta's management side, as tests play it: accounts with templates and numbers, pages, refusals and lost answers.

use std::collections::{BTreeMap, VecDeque};
use std::sync::{Mutex, MutexGuard, PoisonError};

use domain::NumberId;
use domain::line::LineReport;
use domain::outcome::RefusalClass;
use domain::template::{Category, Listed, ParameterFormat, Status, TemplateDraft, TemplateEdit, TemplateStatus};
use flow::ports::{Account, Business, BusinessError, Channel, MetaRefusal, Submitted, TemplatePage};
use secrecy::ExposeSecret;
use serde_json::json;

/// What goes wrong with a call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Trouble {
    /// Meta refuses with this code.
    Refuse(i64),
    /// Meta does not answer, and does nothing.
    Silent,
    /// Meta does it, and the answer is lost.
    AnswerLost,
}

/// The accounts of a business portfolio.
#[derive(Default)]
pub struct FakeBusiness {
    state: Mutex<State>,
}

struct State {
    templates: Vec<(String, Listed)>,
    numbers: BTreeMap<String, (String, LineReport)>,
    trouble: VecDeque<Trouble>,
    unreadable: Vec<Option<String>>,
    token: Option<String>,
    calls: Vec<String>,
    page: usize,
    made: u64,
    pins: Vec<String>,
    while_listing: Option<Box<dyn FnOnce() + Send>>,
}

impl Default for State {
    fn default() -> Self {
        Self {
            templates: Vec::new(),
            numbers: BTreeMap::new(),
            trouble: VecDeque::new(),
            unreadable: Vec::new(),
            token: None,
            calls: Vec::new(),
            page: 50,
            made: 0,
            pins: Vec::new(),
            while_listing: None,
        }
    }
}

impl FakeBusiness {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The account has this template from now on.
    pub fn has(&self, waba_id: &str, template: Listed) {
        let mut state = self.state();
        state.templates.retain(|(account, known)| (account.as_str(), &known.meta_id) != (waba_id, &template.meta_id));
        state.templates.push((waba_id.to_owned(), template));
    }

    /// The account has lost this template.
    pub fn loses(&self, meta_id: &str) {
        self.state().templates.retain(|(_, known)| known.meta_id != meta_id);
    }

    /// What the account has.
    pub fn templates_of(&self, waba_id: &str) -> Vec<Listed> {
        let state = self.state();
        state.templates.iter().filter(|(account, _)| account == waba_id).map(|(_, template)| template.clone()).collect()
    }

    /// Changes a template at Meta.
    pub fn change(&self, meta_id: &str, change: impl FnOnce(&mut Listed)) {
        let mut state = self.state();
        if let Some((_, template)) = state.templates.iter_mut().find(|(_, known)| known.meta_id == meta_id) {
            change(template);
        }
    }

    /// A number belongs to this account.
    pub fn has_number(&self, waba_id: &str, number: &str, report: LineReport) {
        self.state().numbers.insert(number.to_owned(), (waba_id.to_owned(), report));
    }

    /// So many templates on a page.
    pub fn pages_of(&self, count: usize) {
        self.state().page = count;
    }

    /// Each page holds these besides, which cannot be read.
    pub fn cannot_be_read(&self, ids: &[Option<&str>]) {
        self.state().unreadable = ids.iter().map(|id| id.map(str::to_owned)).collect();
    }

    /// This happens to the next call.
    pub fn next(&self, trouble: Trouble) {
        self.state().trouble.push_back(trouble);
    }

    /// Takes this token only, and refuses others with code 190.
    pub fn only_token(&self, token: &str) {
        self.state().token = Some(token.to_owned());
    }

    /// This happens while the next page is read.
    pub fn while_listing(&self, happens: impl FnOnce() + Send + 'static) {
        self.state().while_listing = Some(Box::new(happens));
    }

    /// What it was asked, in order.
    pub fn calls(&self) -> Vec<String> {
        self.state().calls.clone()
    }

    /// The PINs that numbers were registered with.
    pub fn pins(&self) -> Vec<String> {
        self.state().pins.clone()
    }

    /// One call: what goes wrong before it, and whether its answer is lost.
    fn call<T>(
        &self,
        what: String,
        token: &secrecy::SecretString,
        work: impl FnOnce(&mut State) -> Result<T, BusinessError>,
    ) -> Result<T, BusinessError> {
        let mut state = self.state();
        state.calls.push(what);
        if state.token.as_ref().is_some_and(|only| only != token.expose_secret()) {
            return Err(refusal(190, None));
        }
        match state.trouble.pop_front() {
            Some(Trouble::Refuse(code)) => Err(refusal(code, None)),
            Some(Trouble::Silent) => Err(BusinessError::Silent("no answer in time")),
            Some(Trouble::AnswerLost) => {
                work(&mut state)?;
                Err(BusinessError::Silent("the connection broke before the answer"))
            }
            None => work(&mut state),
        }
    }
}

fn refusal(code: i64, subcode: Option<i64>) -> BusinessError {
    let class = if matches!(code, 0 | 3 | 10 | 190 | 200) { RefusalClass::Auth } else { RefusalClass::Invalid };
    let message = Some(format!("(#{code}) in Meta's words"));
    MetaRefusal { code, subcode, class, message }.into()
}

/// An approved template with this text.
pub fn listed(meta_id: &str, name: &str, text: &str) -> Listed {
    Listed {
        meta_id: meta_id.to_owned(),
        name: name.to_owned(),
        language: "pt_BR".to_owned(),
        format: ParameterFormat::Positional,
        status: Status::of(TemplateStatus::Approved),
        category: Some(Category::Utility),
        next_category: None,
        quality: None,
        components: vec![json!({"type": "BODY", "text": text})],
    }
}

#[async_trait::async_trait]
impl Business for FakeBusiness {
    async fn templates(&self, account: &Account, after: Option<&str>) -> Result<TemplatePage, BusinessError> {
        let happens = self.state().while_listing.take();
        if let Some(happens) = happens {
            happens();
        }
        self.call(format!("list {}", after.unwrap_or("-")), &account.token, |state| {
            let all: Vec<Listed> = state
                .templates
                .iter()
                .filter(|(waba, _)| *waba == account.waba_id)
                .map(|(_, one)| one.clone())
                .collect();
            let begin = after.map_or(0, |after| after.parse::<usize>().unwrap_or(usize::MAX));
            let templates: Vec<_> = all.iter().skip(begin).take(state.page).cloned().collect();
            let end = begin.saturating_add(templates.len());
            let next = (end < all.len()).then(|| end.to_string());
            Ok(TemplatePage { templates, unreadable: state.unreadable.clone(), next })
        })
    }

    async fn find_template(
        &self,
        account: &Account,
        name: &str,
        language: &str,
    ) -> Result<Option<Listed>, BusinessError> {
        self.call(format!("find {name}"), &account.token, |state| {
            let is_it = |(waba, one): &&(String, Listed)| {
                *waba == account.waba_id && one.name == name && one.language == language
            };
            Ok(state.templates.iter().find(is_it).map(|(_, one)| one.clone()))
        })
    }

    async fn template(&self, account: &Account, meta_id: &str) -> Result<Listed, BusinessError> {
        self.call(format!("show {meta_id}"), &account.token, |state| {
            let found = state.templates.iter().find(|(_, one)| one.meta_id == meta_id);
            found.map(|(_, one)| one.clone()).ok_or_else(|| refusal(100, Some(33)))
        })
    }

    async fn create_template(&self, account: &Account, draft: &TemplateDraft) -> Result<Submitted, BusinessError> {
        self.call(format!("create {}", draft.name()), &account.token, |state| {
            let is_it = |(waba, one): &(String, Listed)| {
                *waba == account.waba_id && one.name == draft.name() && one.language == draft.language()
            };
            if state.templates.iter().any(is_it) {
                return Err(refusal(100, Some(2_388_024)));
            }
            state.made += 1;
            let meta_id = (900_000 + state.made).to_string();
            let template = Listed {
                meta_id: meta_id.clone(),
                name: draft.name().to_owned(),
                language: draft.language().to_owned(),
                format: draft.format(),
                status: Status::of(TemplateStatus::Pending),
                category: Some(draft.category().clone()),
                next_category: None,
                quality: None,
                components: draft.components().to_vec(),
            };
            state.templates.push((account.waba_id.clone(), template));
            Ok(Submitted { meta_id, status: TemplateStatus::Pending, category: draft.category().clone() })
        })
    }

    async fn edit_template(&self, account: &Account, meta_id: &str, edit: &TemplateEdit) -> Result<(), BusinessError> {
        self.call(format!("edit {meta_id}"), &account.token, |state| {
            let found = state.templates.iter_mut().find(|(_, one)| one.meta_id == meta_id);
            let (_, template) = found.ok_or_else(|| refusal(100, Some(33)))?;
            if let Some(category) = edit.category() {
                template.category = Some(category.clone());
            }
            if let Some(components) = edit.components() {
                template.components = components.to_vec();
            }
            template.status = Status::of(TemplateStatus::Pending);
            Ok(())
        })
    }

    async fn delete_template(&self, account: &Account, meta_id: &str, _: &str) -> Result<(), BusinessError> {
        self.call(format!("delete {meta_id}"), &account.token, |state| {
            state.templates.retain(|(_, one)| one.meta_id != meta_id);
            Ok(())
        })
    }

    async fn number(&self, channel: &Channel) -> Result<LineReport, BusinessError> {
        self.call(format!("number {}", channel.number.as_str()), &channel.token, |state| {
            let found = state.numbers.get(channel.number.as_str());
            found.map(|(_, report)| report.clone()).ok_or_else(|| refusal(100, Some(33)))
        })
    }

    async fn owns_number(&self, account: &Account, number: &NumberId) -> Result<bool, BusinessError> {
        self.call(format!("numbers of {}", account.waba_id), &account.token, |state| {
            Ok(state.numbers.get(number.as_str()).is_some_and(|(waba, _)| *waba == account.waba_id))
        })
    }

    async fn register(&self, channel: &Channel, pin: &str) -> Result<(), BusinessError> {
        self.call(format!("register {}", channel.number.as_str()), &channel.token, |state| {
            state.pins.push(pin.to_owned());
            if let Some((_, report)) = state.numbers.get_mut(channel.number.as_str()) {
                report.status = Some("CONNECTED".to_owned());
            }
            Ok(())
        })
    }

    async fn subscribe(&self, account: &Account) -> Result<(), BusinessError> {
        self.call(format!("subscribe {}", account.waba_id), &account.token, |_| Ok(()))
    }
}
