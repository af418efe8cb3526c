//! The organizations' figures: counted here from what the stores hold, in the plainest way, they are those of the sheets.

use std::collections::BTreeMap;

use domain::conversation::{Ended, Episode, Epoch};
use domain::delivery::DeliveryStatus;
use domain::figures::{Figures, Measure, Slice};
use domain::{ConversationId, OrganizationId};
use flow::audit::Actor;
use flow::ports::Documents;
use flow::records::{feed_head_path, queries, read_episode, read_feed_head, read_model_call, read_sheet, sheets};

use super::scenes::a_person;
use super::view::at_once;
use super::{Seen, World};

impl World {
    /// What is wrong with the figures, everything that waited in the feeds having its number.
    pub(super) fn wrong_figures(&self, conversations: &[Seen]) -> Vec<String> {
        let mut wrong = Vec::new();
        for organization in [&self.bakery, &self.florist] {
            if let Err(error) = at_once(flow::analytics::fold(&self.bare, organization)) {
                wrong.push(format!("figures: {organization}'s cannot be folded: {error:?}"));
            }
            let head = self.document(&feed_head_path(organization));
            let generation = read_feed_head(&self.bare, head.as_ref()).expect("a head").counting.generation;
            let mut sums: BTreeMap<Slice, Figures> = BTreeMap::new();
            let mut months = Figures::default();
            let kept = at_once(self.stores.documents.query(&queries::whole(sheets(organization)))).expect("sheets");
            let begins = format!("{generation:08}.");
            for document in kept.iter().filter(|document| document.path.id().starts_with(&begins)) {
                let sheet = read_sheet(&self.bare, document).expect("a sheet");
                let is_month = document.path.id().contains(".month.");
                for figures in sheet.cells.values() {
                    match is_month {
                        true => months.add_all(figures),
                        false => sums.entry(sheet.slice.clone()).or_default().add_all(figures),
                    }
                }
            }
            let plain = self.count_plainly(organization, conversations);
            let all = sums.get(&Slice::All).cloned().unwrap_or_default();
            if months != all {
                wrong.push(format!("figures: {organization}'s months {months:?} are not its days {all:?}"));
            }
            for (slice, figures) in &plain {
                let kept = sums.get(slice).cloned().unwrap_or_default();
                // The plain count does not look at answers by their times.
                let differing = figures.iter().find(|(measure, amount)| kept.get(measure) != *amount);
                if let Some((measure, amount)) = differing {
                    let kept = kept.get(measure);
                    wrong
                        .push(format!("figures: {organization} has {kept} {measure} of {slice}, but {amount} records"));
                }
            }
            let whole: i64 = all.iter().filter(|(measure, _)| is_message(measure)).map(|(_, amount)| amount).sum();
            let messages = conversations.iter().filter(|seen| seen.organization == *organization);
            let messages: usize = messages.map(|seen| seen.messages.len()).sum();
            if usize::try_from(whole) != Ok(messages) {
                wrong.push(format!("figures: {organization} counts {whole} messages, and has {messages}"));
            }
        }
        wrong
    }

    fn count_plainly(&self, organization: &OrganizationId, conversations: &[Seen]) -> BTreeMap<Slice, Figures> {
        let mut plain: BTreeMap<Slice, Figures> = BTreeMap::new();
        let mut add = |slice: Slice, measure: Measure, by: i64| plain.entry(slice).or_default().add(measure, by);
        for seen in conversations.iter().filter(|seen| seen.organization == *organization) {
            let number = Slice::Number(seen.conversation.number.clone());
            for message in &seen.messages {
                let measure = match message.status {
                    DeliveryStatus::Received => Measure::Received,
                    status => Measure::Written { origin: message.origin, status },
                };
                add(Slice::All, measure.clone(), 1);
                add(number.clone(), measure, 1);
                if let Some(charge) = message.charge {
                    let (country, category) = (charge.country, charge.category);
                    let charged = Measure::Charged { country, category };
                    let free = Measure::Free { country, category };
                    add(Slice::All, if charge.billable { charged } else { free }, 1);
                    if let Some(price) = charge.price {
                        add(Slice::All, Measure::Cost { currency: price.currency, country, category }, price.micros);
                    }
                }
            }
            for episode in self.episodes(seen) {
                add(Slice::All, Measure::Opened, 1);
                add(number.clone(), Measure::Opened, 1);
                add(Slice::All, Measure::FirstResponses, i64::from(episode.first_response.is_some()));
                add(Slice::All, Measure::HandOffs, i64::try_from(episode.hand_offs.len()).unwrap_or(i64::MAX));
                match episode.ended {
                    Some(Ended::Resolved(_)) => add(Slice::All, Measure::Resolved, 1),
                    Some(Ended::Lapsed(_)) => add(Slice::All, Measure::Lapsed, 1),
                    None => {}
                }
            }
        }
        for path in self.ports.watch.group("model_calls") {
            let Some(document) = self.document(&path).filter(|_| path.segment(1) == Some(organization.as_str())) else {
                continue;
            };
            let call = read_model_call(&self.bare, &document).expect("a call");
            add(Slice::All, Measure::ModelCalls(call.model.clone()), 1);
            add(Slice::Assistant(call.assistant), Measure::TokensRead(call.model), i64::from(call.read));
        }
        plain
    }

    /// The episodes of a conversation, the last one included.
    fn episodes(&self, seen: &Seen) -> Vec<Episode> {
        let Some(last) = seen.conversation.episode.clone() else { return Vec::new() };
        let below = flow::records::episodes(&seen.organization, &seen.conversation.id);
        let former = self.ports.watch.group("episodes").into_iter().filter(|path| path.parent() == below);
        let former = former.filter_map(|path| self.document(&path));
        let former = former.map(|document| read_episode(&self.bare, &document).expect("an episode"));
        let mut all: Vec<Episode> = former.filter(|episode| episode.number < last.number).collect();
        let numbers: Vec<u32> = all.iter().map(|episode| episode.number).collect();
        assert_eq!(numbers, (1..last.number).collect::<Vec<_>>(), "the episodes of {}", seen.conversation.id);
        all.push(last);
        all
    }

    /// Somebody asks that everything is counted again, while all else goes on; perhaps the API cannot do it.
    pub fn tries_to_recount(&mut self) {
        for organization in [self.bakery.clone(), self.florist.clone()] {
            let _ = self.attempt(move |platform| async move {
                flow::analytics::start_recount(&platform, &organization, &Actor::system()).await
            });
        }
    }

    /// Somebody closes a conversation; perhaps the API cannot do it, or it has changed in this moment.
    pub fn tries_to_close(&mut self, conversation: &ConversationId) {
        let (organization, id) = (self.owner_of(conversation), conversation.clone());
        let _ =
            self.attempt(
                move |platform| async move { flow::desk::close(&platform, &organization, &a_person(), &id).await },
            );
        // Who closes it has seen what was open, whether or not they were told that it is closed.
        self.judge.changed_hands(conversation, Epoch::default());
    }

    /// Counts everything again, nothing else going on, and says how many figures came out differently.
    ///
    /// # Panics
    /// When it does not come to its end.
    #[track_caller]
    pub fn recount(&self, organization: &OrganizationId) -> u64 {
        let started =
            at_once(flow::analytics::start_recount(&self.bare, organization, &Actor::system())).expect("a recount");
        let deadline = self.now() + domain::Span::from_hours(1);
        at_once(flow::tasks::run(&self.bare, organization, &started.id, 1, deadline)).expect("a recount that ends");
        let (task, _) = at_once(flow::tasks::get(&self.bare, organization, &started.id)).expect("a task").expect("it");
        match task.work {
            flow::tasks::Work::Recount(work) if task.state == flow::tasks::TaskState::Completed => work.differences,
            _ => panic!("a recount that did not end: {task:?}"),
        }
    }
}

fn is_message(measure: &Measure) -> bool {
    matches!(measure, Measure::Received | Measure::Written { .. })
}
