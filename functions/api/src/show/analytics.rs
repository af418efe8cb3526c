use std::collections::BTreeMap;

use domain::Timestamp;
use domain::delivery::DeliveryStatus;
use domain::figures::{Figures, Measure, WITHIN};
use domain::origin::Origin;
use domain::price::{Currency, Money};
use flow::analytics::{BreakdownRow, Ledger, LedgerLine, LineKind, Report, Usage};
use serde::Serialize;
use utoipa::ToSchema;

use crate::schema;

/// Figures over some time.
#[derive(Serialize, ToSchema)]
#[schema(as = Report)]
pub(crate) struct ShownReport {
    /// Those of each interval, in order, also of those in which nothing happened.
    data: Vec<ShownInterval>,
    /// Their sum.
    total: ShownFigures,
}

/// The figures of an interval.
#[derive(Serialize, ToSchema)]
#[schema(as = ReportInterval)]
struct ShownInterval {
    /// When it begins.
    #[schema(schema_with = schema::time)]
    start: Timestamp,
    #[serde(flatten)]
    #[schema(inline)]
    figures: ShownFigures,
}

/// Figures, one by one, of those they are about.
#[derive(Serialize, ToSchema)]
#[schema(as = Breakdown)]
pub(crate) struct ShownBreakdown {
    data: Vec<ShownBreakdownRow>,
}

/// The figures of one.
#[derive(Serialize, ToSchema)]
#[schema(as = BreakdownRow)]
struct ShownBreakdownRow {
    /// Of which number, assistant, team or member.
    id: String,
    #[serde(flatten)]
    #[schema(inline)]
    figures: ShownFigures,
}

/// What was counted.
#[derive(Serialize, ToSchema)]
#[schema(as = Figures)]
struct ShownFigures {
    messages: ShownMessages,
    delivery: ShownFunnel,
    conversations: ShownEpisodes,
    first_responses: ShownFirstResponses,
    cost: ShownCosts,
    model: ShownModelUse,
}

/// How many messages, by who wrote them; in the interval in which they were written.
#[derive(Serialize, ToSchema)]
#[schema(as = MessageFigures)]
struct ShownMessages {
    received: i64,
    assistant: i64,
    person: i64,
    program: i64,
    phone_app: i64,
}

/// How far the messages to customers got that were written in the interval: each step counts those that went further, too,
/// and the other five are those that did not take the first.
#[derive(Serialize, ToSchema)]
#[schema(as = DeliveryFigures)]
struct ShownFunnel {
    /// All but those of the business's own phone.
    written: i64,
    accepted: i64,
    sent: i64,
    delivered: i64,
    read: i64,
    queued: i64,
    unknown: i64,
    failed: i64,
    suppressed: i64,
    cancelled: i64,
}

/// Episodes: each begins when a customer writes whom nobody looks after, and ends when somebody closes the conversation or
/// the customer falls silent for a day.
#[derive(Serialize, ToSchema)]
#[schema(as = ConversationFigures)]
struct ShownEpisodes {
    opened: i64,
    resolved: i64,
    lapsed: i64,
    /// Times that one was handed to a person, because the customer, the assistant or the lack of one asked for it.
    handed_off: i64,
    /// Of those that were resolved.
    average_resolution_seconds: Option<i64>,
}

/// The first answers of episodes.
#[derive(Serialize, ToSchema)]
#[schema(as = FirstResponseFigures)]
struct ShownFirstResponses {
    count: i64,
    average_seconds: Option<i64>,
    /// Within what the organization had set itself.
    in_time: i64,
    late: i64,
    /// How many took up to so many seconds, and more than the step before; the longest are in none.
    #[schema(value_type = std::collections::HashMap<String, i64>)]
    within: BTreeMap<String, i64>,
}

/// What was delivered, as Meta charges it, in the interval of its delivery; and what the models cost.
#[derive(Serialize, ToSchema)]
#[schema(as = CostFigures)]
struct ShownCosts {
    charged_messages: i64,
    free_messages: i64,
    /// Charged ones that the price file has no price for.
    unpriced_messages: i64,
    by_category: Vec<ShownCategoryCost>,
    models: Vec<ShownMoney>,
}

/// What the messages of one category cost.
#[derive(Serialize, ToSchema)]
#[schema(as = CategoryCost)]
struct ShownCategoryCost {
    #[schema(schema_with = schema::price_category)]
    category: &'static str,
    #[serde(flatten)]
    #[schema(inline)]
    cost: ShownMoney,
}

/// An amount of money.
#[derive(Serialize, ToSchema)]
#[schema(as = Money)]
pub(crate) struct ShownMoney {
    #[schema(value_type = String, pattern = "^[A-Z]{3}$")]
    currency: Currency,
    /// In the smallest unit of the currency, rounded: cents.
    amount: i64,
    /// Exactly, in millionths of the currency.
    amount_micros: i64,
}

/// What language models did.
#[derive(Serialize, ToSchema)]
#[schema(as = ModelFigures)]
struct ShownModelUse {
    calls: i64,
    tokens_read: i64,
    tokens_written: i64,
}

/// Shows figures over some time.
pub(crate) fn report(report: &Report) -> ShownReport {
    let interval =
        |row: &flow::analytics::ReportRow| ShownInterval { start: row.start, figures: figures(&row.figures) };
    ShownReport { data: report.rows.iter().map(interval).collect(), total: figures(&report.total) }
}

/// Shows the figures of each one.
pub(crate) fn breakdown(rows: &[BreakdownRow]) -> ShownBreakdown {
    let row = |row: &BreakdownRow| ShownBreakdownRow {
        id: row.slice.id().unwrap_or_default().to_owned(),
        figures: figures(&row.figures),
    };
    ShownBreakdown { data: rows.iter().map(row).collect() }
}

fn figures(figures: &Figures) -> ShownFigures {
    let written = |origins: &[Origin], statuses: &[DeliveryStatus]| -> i64 {
        let pairs = origins.iter().flat_map(|origin| statuses.iter().map(|status| (*origin, *status)));
        pairs.map(|(origin, status)| figures.get(&Measure::Written { origin, status })).sum()
    };
    let by = |origin| written(&[origin], &DeliveryStatus::ALL);
    let ours = [Origin::Assistant, Origin::Person, Origin::Program];
    let reached = |steps: &[DeliveryStatus]| written(&ours, steps);
    let average = |sum: &Measure, count: i64| (count > 0).then(|| figures.get(sum) / count);
    let (resolved, answered) = (figures.get(&Measure::Resolved), figures.get(&Measure::FirstResponses));
    let within = |seconds: u32| (seconds.to_string(), figures.get(&Measure::FirstResponsesWithin(seconds)));
    use DeliveryStatus as S;
    ShownFigures {
        messages: ShownMessages {
            received: figures.get(&Measure::Received),
            assistant: by(Origin::Assistant),
            person: by(Origin::Person),
            program: by(Origin::Program),
            phone_app: by(Origin::PhoneApp),
        },
        delivery: ShownFunnel {
            written: reached(&S::ALL),
            accepted: reached(&[S::Accepted, S::Sent, S::Delivered, S::Read, S::Played]),
            sent: reached(&[S::Sent, S::Delivered, S::Read, S::Played]),
            delivered: reached(&[S::Delivered, S::Read, S::Played]),
            read: reached(&[S::Read, S::Played]),
            queued: reached(&[S::Queued]),
            unknown: reached(&[S::Unknown]),
            failed: reached(&[S::Failed]),
            suppressed: reached(&[S::Suppressed]),
            cancelled: reached(&[S::Cancelled]),
        },
        conversations: ShownEpisodes {
            opened: figures.get(&Measure::Opened),
            resolved,
            lapsed: figures.get(&Measure::Lapsed),
            handed_off: figures.get(&Measure::HandOffs),
            average_resolution_seconds: average(&Measure::ResolutionSeconds, resolved),
        },
        first_responses: ShownFirstResponses {
            count: answered,
            average_seconds: average(&Measure::FirstResponseSeconds, answered),
            in_time: figures.get(&Measure::FirstResponsesInTime),
            late: figures.get(&Measure::FirstResponsesLate),
            within: WITHIN.into_iter().map(within).collect(),
        },
        cost: costs(figures),
        model: model(figures),
    }
}

fn costs(figures: &Figures) -> ShownCosts {
    let (mut charged_messages, mut free_messages, mut unpriced_messages) = (0, 0, 0);
    let mut messages: BTreeMap<_, i64> = BTreeMap::new();
    let mut models: BTreeMap<Currency, i64> = BTreeMap::new();
    for (measure, amount) in figures.iter() {
        match measure {
            Measure::Charged { .. } => charged_messages += amount,
            Measure::Free { .. } => free_messages += amount,
            Measure::Unpriced { .. } => unpriced_messages += amount,
            Measure::Cost { currency, category, .. } => *messages.entry((*category, *currency)).or_default() += amount,
            Measure::ModelCost { currency, .. } => *models.entry(*currency).or_default() += amount,
            _ => {}
        }
    }
    let by_category = messages.into_iter().map(|((category, currency), micros)| ShownCategoryCost {
        category: category.as_str(),
        cost: money(currency, micros),
    });
    ShownCosts {
        charged_messages,
        free_messages,
        unpriced_messages,
        by_category: by_category.collect(),
        models: models.into_iter().map(|(currency, micros)| money(currency, micros)).collect(),
    }
}

fn model(figures: &Figures) -> ShownModelUse {
    let mut shown = ShownModelUse { calls: 0, tokens_read: 0, tokens_written: 0 };
    for (measure, amount) in figures.iter() {
        match measure {
            Measure::ModelCalls(_) => shown.calls += amount,
            Measure::TokensRead(_) => shown.tokens_read += amount,
            Measure::TokensWritten(_) => shown.tokens_written += amount,
            _ => {}
        }
    }
    shown
}

fn money(currency: Currency, micros: i64) -> ShownMoney {
    ShownMoney { currency, amount: Money { micros, currency }.minor(), amount_micros: micros }
}

/// What was used and what it cost.
#[derive(Serialize, ToSchema)]
#[schema(as = Ledger)]
pub(crate) struct ShownLedger {
    data: Vec<ShownLedgerLine>,
    /// What all of it cost, by currency.
    total: Vec<ShownMoney>,
}

/// How much of one thing was used in one interval.
#[derive(Serialize, ToSchema)]
#[schema(as = LedgerLine)]
struct ShownLedgerLine {
    /// When the interval begins.
    #[schema(schema_with = schema::time)]
    start: Timestamp,
    /// Of delivered messages.
    #[serde(skip_serializing_if = "Option::is_none")]
    messages: Option<ShownMessageUse>,
    /// Of a language model.
    #[serde(skip_serializing_if = "Option::is_none")]
    model: Option<ShownNamedModelUse>,
    /// What it cost; null where nothing of it has a price.
    cost: Option<ShownMoney>,
}

/// Delivered messages of one kind.
#[derive(Serialize, ToSchema)]
#[schema(as = MessageUse)]
struct ShownMessageUse {
    /// Where their recipients are from, by their numbers; `ZZ` where that is not known.
    #[schema(pattern = "^[A-Z]{2}$")]
    country: String,
    #[schema(schema_with = schema::price_category)]
    category: &'static str,
    charged: i64,
    free: i64,
    /// Of those charged, how many the price file has no price for.
    unpriced: i64,
}

/// What one language model did.
#[derive(Serialize, ToSchema)]
#[schema(as = NamedModelUse)]
struct ShownNamedModelUse {
    name: String,
    #[serde(flatten)]
    #[schema(inline)]
    used: ShownModelUse,
}

/// Shows a ledger.
pub(crate) fn ledger(ledger: &Ledger) -> ShownLedger {
    let line = |line: &LedgerLine| {
        let (messages, model) = match &line.kind {
            LineKind::Messages { country, category, charged, free, unpriced } => {
                let (charged, free, unpriced) = (*charged, *free, *unpriced);
                let (country, category) = (country.to_string(), category.as_str());
                (Some(ShownMessageUse { country, category, charged, free, unpriced }), None)
            }
            LineKind::Model { model, calls, read, written } => {
                let used = ShownModelUse { calls: *calls, tokens_read: *read, tokens_written: *written };
                (None, Some(ShownNamedModelUse { name: model.clone(), used }))
            }
        };
        let cost = line.cost.map(|(currency, micros)| money(currency, micros));
        ShownLedgerLine { start: line.start, messages, model, cost }
    };
    let total = ledger.totals.iter().map(|(currency, micros)| money(*currency, *micros));
    ShownLedger { data: ledger.lines.iter().map(line).collect(), total: total.collect() }
}

/// What an organization has used in a month of UTC, up to some seconds ago.
#[derive(Serialize, ToSchema)]
#[schema(as = Usage)]
pub(crate) struct ShownUsage {
    /// When the month began.
    #[schema(schema_with = schema::time)]
    since: Timestamp,
    /// Tokens of language models.
    model_tokens: i64,
    /// How many the plan allows; without more, assistants answer from the organization's texts alone.
    model_tokens_limit: u64,
    /// Delivered messages that Meta charges for.
    charged_messages: i64,
    /// What all of it cost, as far as there are prices.
    cost: Vec<ShownMoney>,
}

/// Shows what was used.
pub(crate) fn usage(usage: &Usage, limit: u64) -> ShownUsage {
    ShownUsage {
        since: usage.since,
        model_tokens: usage.model_tokens,
        model_tokens_limit: limit,
        charged_messages: usage.charged_messages,
        cost: usage.cost.iter().map(|(currency, micros)| money(*currency, *micros)).collect(),
    }
}

/// Figures as a table: what a row is of, then its figures.
pub(crate) fn figures_table<'a>(name: &str, rows: impl Iterator<Item = (String, &'a Figures)>) -> Vec<Vec<String>> {
    let heading = [
        "received",
        "assistant",
        "person",
        "program",
        "phone_app",
        "written",
        "accepted",
        "sent",
        "delivered",
        "read",
        "queued",
        "unknown",
        "failed",
        "suppressed",
        "cancelled",
        "opened",
        "resolved",
        "lapsed",
        "handed_off",
        "average_resolution_seconds",
        "first_responses",
        "average_first_response_seconds",
        "in_time",
        "late",
        "charged_messages",
        "free_messages",
        "unpriced_messages",
        "model_calls",
        "tokens_read",
        "tokens_written",
    ];
    let mut table = vec![std::iter::once(name).chain(heading).map(ToOwned::to_owned).collect()];
    for (of, row) in rows {
        let ShownFigures { messages, delivery, conversations, first_responses, cost, model } = figures(row);
        let maybe = |value: Option<i64>| value.map(|value| value.to_string()).unwrap_or_default();
        let mut cells = vec![of];
        let plain = |cells: &mut Vec<String>, values: &[i64]| cells.extend(values.iter().map(ToString::to_string));
        let ShownMessages { received, assistant, person, program, phone_app } = messages;
        plain(&mut cells, &[received, assistant, person, program, phone_app]);
        let ShownFunnel { written, accepted, sent, delivered, read, .. } = delivery;
        plain(&mut cells, &[written, accepted, sent, delivered, read]);
        let ShownFunnel { queued, unknown, failed, suppressed, cancelled, .. } = delivery;
        plain(&mut cells, &[queued, unknown, failed, suppressed, cancelled]);
        let ShownEpisodes { opened, resolved, lapsed, handed_off, average_resolution_seconds } = conversations;
        plain(&mut cells, &[opened, resolved, lapsed, handed_off]);
        cells.push(maybe(average_resolution_seconds));
        plain(&mut cells, &[first_responses.count]);
        cells.push(maybe(first_responses.average_seconds));
        plain(&mut cells, &[first_responses.in_time, first_responses.late]);
        plain(&mut cells, &[cost.charged_messages, cost.free_messages, cost.unpriced_messages]);
        plain(&mut cells, &[model.calls, model.tokens_read, model.tokens_written]);
        table.push(cells);
    }
    table
}

/// A ledger as a table.
pub(crate) fn ledger_table(ledger: &Ledger) -> Vec<Vec<String>> {
    let heading = [
        "start",
        "kind",
        "country",
        "category",
        "charged",
        "free",
        "unpriced",
        "model",
        "calls",
        "tokens_read",
        "tokens_written",
        "currency",
        "amount_micros",
    ];
    let mut table = vec![heading.map(ToOwned::to_owned).to_vec()];
    for line in &ledger.lines {
        let mut cells = vec![line.start.to_string()];
        let empty = |n: usize| std::iter::repeat_n(String::new(), n);
        match &line.kind {
            LineKind::Messages { country, category, charged, free, unpriced } => {
                cells.extend(["messages".to_owned(), country.to_string(), category.as_str().to_owned()]);
                cells.extend([charged, free, unpriced].map(ToString::to_string));
                cells.extend(empty(4));
            }
            LineKind::Model { model, calls, read, written } => {
                cells.push("model".to_owned());
                cells.extend(empty(5));
                cells.push(model.clone());
                cells.extend([calls, read, written].map(ToString::to_string));
            }
        }
        match line.cost {
            Some((currency, micros)) => cells.extend([currency.to_string(), micros.to_string()]),
            None => cells.extend(empty(2)),
        }
        table.push(cells);
    }
    table
}
