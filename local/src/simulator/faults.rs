//! The fault plan: how the simulated WhatsApp misbehaves, and for whom.

use std::sync::Arc;

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use domain::Span;
use flow::ports::Entropy;
use serde::{Deserialize, Serialize};

use super::Shared;
use super::entries::Fate;
use super::graph::is_auth;
use super::outbox::Travel;
use super::problem::{FieldError, Problem};
use super::world::canonical;

const MOST_RULES: usize = 100;
const MOST_MS: u64 = 10 * 60 * 1_000;
const MOST_COPIES: u32 = 20;

/// `PUT`, `GET` and `DELETE /faults`.
pub(super) fn routes() -> Router<Arc<Shared>> {
    Router::new().route("/faults", get(show_faults).put(put_faults).delete(delete_faults))
}

async fn show_faults(State(shared): State<Arc<Shared>>) -> Response {
    axum::Json(&shared.world().faults).into_response()
}

async fn put_faults(State(shared): State<Arc<Shared>>, body: Bytes) -> Result<Response, Problem> {
    let plan: Plan = serde_json::from_slice(&body).map_err(|error| {
        Problem::new(
            StatusCode::UNPROCESSABLE_ENTITY,
            "invalid_plan",
            format!("The fault plan is not as it should be: {error}."),
        )
    })?;
    let faults = Faults::new(plan).map_err(Problem::invalid)?;
    let mut world = shared.world();
    world.faults = faults;
    Ok(axum::Json(&world.faults).into_response())
}

async fn delete_faults(State(shared): State<Arc<Shared>>) -> StatusCode {
    shared.world().faults = Faults::default();
    StatusCode::NO_CONTENT
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Plan {
    rules: Vec<Rule>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Rule {
    #[serde(default, rename = "match")]
    matching: Match,
    action: Action,
}

/// Which calls or events a rule is about; all where nothing is said.
#[derive(Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Match {
    /// A person: their number in any form, or their user id.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    to: Option<String>,
    /// Only the match with this number, counted from 1.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    nth: Option<u64>,
    /// Each match with this probability.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    probability: Option<f64>,
    /// At most so often.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    times: Option<u64>,
}

/// What happens then. "Accepted" means that Meta took the message, whatever the caller learns.
#[derive(Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case", deny_unknown_fields)]
enum Action {
    /// A send is answered later.
    Delay { ms: u64 },
    /// Accepted, then the connection is cut without an answer.
    DropAnswerAfterAccept {},
    /// No answer ever; accepted or not.
    Hang {
        #[serde(default = "yes")]
        accepted: bool,
    },
    /// 500 with Meta's error JSON (code 1); not accepted.
    #[serde(rename = "http_500_json")]
    Http500Json {},
    /// 502 with a page of HTML from something in between; not accepted unless said so.
    #[serde(rename = "http_502_html")]
    Http502Html {
        #[serde(default)]
        accepted: bool,
    },
    /// Meta's error with this code; not accepted. A code about the token (0, 3, 10, 190, 200–299) without `to` is the
    /// answer to every Graph call, as Meta checks the token first.
    Error { code: i64 },
    /// Accepted, then 200 with the first half of the JSON.
    TruncateAnswer {},
    /// A redirect to the same address; not accepted.
    Redirect {},
    /// Accepted, then a `failed` status with this code.
    FailLater { code: i64 },
    /// The statuses come later.
    DelayStatuses { ms: u64 },
    /// The message arrives, but no status comes.
    OmitStatuses {},
    /// The webhook event comes so many times more, each in a POST of its own.
    DuplicateWebhooks { n: u32 },
    /// The webhook event comes in a POST of its own, at random within this time.
    ReorderWebhooks {
        #[serde(default = "two_seconds")]
        within_ms: u64,
    },
}

fn yes() -> bool {
    true
}

fn two_seconds() -> u64 {
    2_000
}

/// The plan, and how often each rule has matched and acted.
#[derive(Default, Serialize)]
pub(super) struct Faults {
    rules: Vec<Counted>,
}

#[derive(Serialize)]
struct Counted {
    #[serde(flatten)]
    rule: Rule,
    matched: u64,
    acted: u64,
}

/// The person whom a call or an event is about.
#[derive(Default)]
pub(super) struct Target<'a> {
    /// Canonical digits.
    pub number: Option<&'a str>,
    /// User id.
    pub user_id: Option<&'a str>,
}

/// What the plan does to one send.
#[derive(Default)]
pub(super) struct OnSend {
    /// It is answered so much later.
    pub delay: Span,
    /// It gets another answer than it should.
    pub answer: Option<Answer>,
    /// Another thing becomes of it than should.
    pub fate: Option<Fate>,
}

/// An answer that Meta should not give.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Answer {
    /// None, and the connection is cut.
    Cut,
    /// None, for ever.
    Hang {
        /// Whether the message was taken.
        accepted: bool,
    },
    /// 500 with Meta's JSON.
    ServerError,
    /// 502 with HTML.
    BadGateway {
        /// Whether the message was taken.
        accepted: bool,
    },
    /// Meta's error.
    Error {
        /// Its code.
        code: i64,
    },
    /// Half of the JSON.
    Truncated,
    /// A redirect.
    Redirect,
}

impl Answer {
    /// Whether Meta took the message all the same.
    pub(super) fn accepted(self) -> bool {
        match self {
            Self::Cut | Self::Truncated => true,
            Self::Hang { accepted } | Self::BadGateway { accepted } => accepted,
            Self::ServerError | Self::Error { .. } | Self::Redirect => false,
        }
    }
}

impl Faults {
    fn new(plan: Plan) -> Result<Self, Vec<FieldError>> {
        let mut errors = Vec::new();
        if plan.rules.len() > MOST_RULES {
            errors.push(FieldError::new("/rules", format!("At most {MOST_RULES} rules.")));
        }
        for (at, rule) in plan.rules.iter().enumerate() {
            rule.check(&format!("/rules/{at}"), &mut errors);
        }
        if !errors.is_empty() {
            return Err(errors);
        }
        let rules = plan.rules.into_iter().map(|rule| Counted { rule, matched: 0, acted: 0 }).collect();
        Ok(Self { rules })
    }

    /// The code with which every Graph call is refused just now, if any.
    pub(super) fn on_call(&mut self, entropy: &dyn Entropy) -> Option<i64> {
        self.rules.iter_mut().find_map(|counted| match counted.rule.refuses_the_token() {
            Some(code) if counted.acts(entropy) => Some(code),
            _ => None,
        })
    }

    /// What happens to a send to this person.
    pub(super) fn on_send(&mut self, target: &Target<'_>, entropy: &dyn Entropy) -> OnSend {
        let mut on_send = OnSend::default();
        for counted in self.rules.iter_mut().filter(|counted| counted.rule.is_about(target)) {
            if counted.rule.refuses_the_token().is_some() {
                continue;
            }
            let effect = match &counted.rule.action {
                Action::Delay { ms } => Effect::Delay(Span::from_millis(signed(*ms))),
                Action::DropAnswerAfterAccept {} => Effect::Answer(Answer::Cut),
                Action::Hang { accepted } => Effect::Answer(Answer::Hang { accepted: *accepted }),
                Action::Http500Json {} => Effect::Answer(Answer::ServerError),
                Action::Http502Html { accepted } => Effect::Answer(Answer::BadGateway { accepted: *accepted }),
                Action::Error { code } => Effect::Answer(Answer::Error { code: *code }),
                Action::TruncateAnswer {} => Effect::Answer(Answer::Truncated),
                Action::Redirect {} => Effect::Answer(Answer::Redirect),
                Action::FailLater { code } => Effect::Fate(Fate::Fails { code: *code }),
                Action::DelayStatuses { ms } => Effect::Fate(Fate::Arrives { late_ms: signed(*ms) }),
                Action::OmitStatuses {} => Effect::Fate(Fate::ArrivesSilently),
                Action::DuplicateWebhooks { .. } | Action::ReorderWebhooks { .. } => continue,
            };
            if !counted.acts(entropy) {
                continue;
            }
            match effect {
                Effect::Delay(span) => on_send.delay = Span::from_micros(on_send.delay.micros() + span.micros()),
                Effect::Answer(answer) => on_send.answer = on_send.answer.or(Some(answer)),
                Effect::Fate(fate) => on_send.fate = on_send.fate.or(Some(fate)),
            }
        }
        on_send
    }

    /// How a webhook event about this person travels: once as usual, unless the plan says otherwise.
    pub(super) fn on_event(&mut self, target: &Target<'_>, entropy: &dyn Entropy) -> Vec<Travel> {
        let mut travels = vec![Travel::default()];
        for counted in self.rules.iter_mut().filter(|counted| counted.rule.is_about(target)) {
            let (copies, within_ms) = match counted.rule.action {
                Action::DuplicateWebhooks { n } => (n, 0),
                Action::ReorderWebhooks { within_ms } => (0, within_ms),
                _ => continue,
            };
            if !counted.acts(entropy) {
                continue;
            }
            travels.extend((0..copies).map(|_| Travel::default()));
            for travel in &mut travels {
                let late = u128::from_be_bytes(entropy.bits()) % (u128::from(within_ms) + 1);
                let late = Span::from_micros(travel.late.micros() + i64::try_from(late).unwrap_or(0) * 1_000);
                *travel = Travel { late, alone: true };
            }
        }
        travels
    }
}

enum Effect {
    Delay(Span),
    Answer(Answer),
    Fate(Fate),
}

impl Counted {
    /// Counts a match, and says whether the rule acts on it.
    fn acts(&mut self, entropy: &dyn Entropy) -> bool {
        let Match { nth, probability, times, .. } = &self.rule.matching;
        self.matched += 1;
        let acts = nth.is_none_or(|nth| nth == self.matched)
            && times.is_none_or(|times| self.acted < times)
            && probability.is_none_or(|probability| chance(entropy) < probability);
        self.acted += u64::from(acts);
        acts
    }
}

impl Rule {
    fn is_about(&self, target: &Target<'_>) -> bool {
        self.matching
            .to
            .as_deref()
            .is_none_or(|to| target.user_id == Some(to) || target.number.is_some_and(|number| number == canonical(to)))
    }

    fn refuses_the_token(&self) -> Option<i64> {
        match self.action {
            Action::Error { code } if is_auth(code) && self.matching.to.is_none() => Some(code),
            _ => None,
        }
    }

    fn check(&self, pointer: &str, errors: &mut Vec<FieldError>) {
        let Match { nth, probability, times, .. } = &self.matching;
        let mut must = |holds: bool, field: &str, detail: String| {
            if !holds {
                errors.push(FieldError::new(format!("{pointer}/{field}"), detail));
            }
        };
        must(*nth != Some(0), "match/nth", "Counted from 1.".into());
        must(*times != Some(0), "match/times", "At least 1.".into());
        must(probability.is_none_or(|p| (0.0..=1.0).contains(&p)), "match/probability", "From 0 to 1.".into());
        let in_time = format!("At most {MOST_MS}.");
        match self.action {
            Action::Delay { ms } | Action::DelayStatuses { ms } => must(ms <= MOST_MS, "action/ms", in_time),
            Action::ReorderWebhooks { within_ms } => must(within_ms <= MOST_MS, "action/within_ms", in_time),
            Action::DuplicateWebhooks { n } => {
                must((1..=MOST_COPIES).contains(&n), "action/n", format!("From 1 to {MOST_COPIES}."));
            }
            _ => {}
        }
    }
}

/// A number from 0 to 1, 1 left out.
fn chance(entropy: &dyn Entropy) -> f64 {
    let mut bits = [0; 4];
    entropy.fill(&mut bits);
    f64::from(u32::from_be_bytes(bits)) / (f64::from(u32::MAX) + 1.0)
}

fn signed(ms: u64) -> i64 {
    i64::try_from(ms).unwrap_or(i64::MAX)
}
