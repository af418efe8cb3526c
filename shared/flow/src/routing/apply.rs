//! The rules are carried out for a message that is being recorded.

use domain::contact::Contact;
use domain::conversation::{Attention, Conversation, Epoch, OpenMessage};
use domain::inbound::InboundMessage;
use domain::outbound::OutboundContent;
use domain::routing::{Action, Facts, Rule, note_reply, route, words};
use domain::{IntentId, OrganizationId, RuleId, TeamId, Timestamp};

use crate::access::teams;
use crate::away::Premises;
use crate::compose::{Outbound, outbound};
use crate::desk;
use crate::feed::Entries;
use crate::job::JobError;
use crate::owner::{follow_gate, write_gate};
use crate::platform::Platform;
use crate::ports::Write;
use crate::records::{Message, Origin, message_path, outbound_message_id, read_rules, rules_path};
use crate::reply::gates;

/// A message that is being recorded.
pub(crate) struct Arrived<'a> {
    /// The message as it came.
    pub event: &'a InboundMessage,
    /// Its record.
    pub message: &'a Message,
    /// When it reached us, the same for every copy of its event.
    pub arrived_at: Timestamp,
    /// When the business is open that it came to.
    pub premises: &'a Premises,
    /// Who sent it.
    pub contact: &'a mut Contact,
    /// Nothing was said in the conversation before it.
    pub is_first: bool,
    /// Where an earlier try to record it has moved the gate to.
    pub taken: &'a mut Option<Epoch>,
}

/// What the rules come to.
#[derive(Default)]
pub(crate) struct Routed {
    /// For the commit that records the message.
    pub writes: Vec<Write>,
    /// The assistant has nothing more to say to the message.
    pub is_settled: bool,
    /// Something is to be sent.
    pub sends: bool,
}

/// What the actions of all rules that match ask for.
#[derive(Default)]
struct Asked<'r> {
    /// A message is answered once: the first rule that does so is the one.
    reply: Option<(&'r RuleId, &'r str)>,
    calls_person: bool,
    team: Option<&'r TeamId>,
    closes: bool,
}

/// Carries out the rules that match a customer's message. No rule answers while a person has the conversation. Whoever dies
/// after a hand-over moved the gate leaves the message to the person without the rule's farewell, as a turn does.
pub(crate) async fn apply(
    platform: &Platform,
    organization: &OrganizationId,
    conversation: &mut Conversation,
    arrived: Arrived<'_>,
    entries: &mut Entries<'_>,
) -> Result<Routed, JobError> {
    let rules = read_rules(platform, platform.documents.get(&rules_path(organization)).await?.as_ref())?;
    if rules.is_empty() {
        return Ok(Routed::default());
    }
    let Arrived { event, message, arrived_at, premises, contact, is_first, taken } = arrived;
    let words = words(&event.content);
    let facts = Facts {
        content: &event.content,
        words: words.as_deref(),
        referral: event.referral.as_ref(),
        number: &conversation.number.clone(),
        contact: &contact.clone(),
        is_first,
        is_open: premises.is_open(event.at),
    };
    let mut asked = ask(&rules, &facts, conversation, contact);
    let now = platform.clock.now();
    let mut routed = Routed::default();
    let mut epoch = None;
    let mut was_person = conversation.epoch.is_person();
    if asked.calls_person || asked.reply.is_some() || asked.closes {
        // The gate says who has the conversation; for a hand-over it is moved before anything is committed.
        let (found, restored_at) = gates(platform, &conversation.id).await?;
        let open = OpenMessage { id: message.id.clone(), recorded_at: now, arrived_at };
        if open.is_older_than(restored_at) {
            // What is lost may have answered it: a person sees to it.
            (asked.reply, asked.closes) = (None, false);
        }
        was_person = *taken != Some(found) && (was_person || found.is_person());
        epoch = Some(found);
        if asked.calls_person && !was_person {
            *taken = Some(write_gate(platform, &conversation.id, taken_over).await?);
            epoch = *taken;
        }
    }
    if let Some((rule, text)) = asked.reply.filter(|_| !was_person) {
        let writes = reply(platform, organization, conversation, message, (rule, text, epoch, now), entries).await?;
        routed.sends = !writes.is_empty();
        routed.writes = writes;
    }
    routed.is_settled = routed.sends;
    match epoch {
        Some(epoch) if asked.calls_person && !was_person => {
            conversation.epoch = conversation.epoch.max(epoch);
            conversation.leave_to_person(Attention::HandOver);
            conversation.take_over_until = Some(now + platform.settings.take_over);
            routed.is_settled = true;
        }
        Some(epoch) => follow_gate(platform, conversation, epoch),
        None => {}
    }
    if let Some(team) = asked.team.filter(|_| conversation.epoch.is_person() && conversation.assignee.is_none())
        && teams::get(platform, organization, team).await?.is_some()
    {
        conversation.team = Some(team.clone());
        if let Some(turn) = desk::next_turn(platform, organization, Some(team)).await? {
            conversation.assignee = Some(turn.member);
            routed.writes.extend(turn.writes);
        }
    }
    if asked.closes && !conversation.epoch.is_person() {
        conversation.closed = true;
        // Nobody looks after what is closed.
        (conversation.team, conversation.assignee) = (None, None);
        routed.is_settled = true;
    }
    Ok(routed)
}

/// A person who has the conversation already goes on with it.
fn taken_over(epoch: Epoch) -> Epoch {
    if epoch.is_person() { epoch } else { epoch.taken_over() }
}

/// What the rules that match ask for. Which assistant answers, and what is known of the customer, is noted at once.
fn ask<'r>(rules: &'r [Rule], facts: &Facts<'_>, conversation: &mut Conversation, contact: &mut Contact) -> Asked<'r> {
    let mut asked = Asked::default();
    for found in route(rules, facts) {
        for action in &found.rule.then {
            match action {
                Action::Reply { text } => {
                    asked.reply.get_or_insert((&found.rule.id, text));
                }
                Action::Assistant { assistant_id } => conversation.assistant = Some(assistant_id.clone()),
                Action::Person {} => asked.calls_person = true,
                Action::Team { team_id } => {
                    asked.calls_person = true;
                    asked.team.get_or_insert(team_id);
                }
                Action::Tag { tag } => {
                    // Fifty are enough; one more must not cost the message.
                    let _ = contact.tags.add(tag.clone());
                }
                Action::Attribute { key, value } => contact.attributes.set(key.clone(), Some(value.clone())),
                Action::Close {} => asked.closes = true,
            }
        }
    }
    asked
}

/// The answer of a rule to a message: one, however often the message is recorded. Empty, where the rule has answered too
/// often of late, or the answer is there already.
async fn reply(
    platform: &Platform,
    organization: &OrganizationId,
    conversation: &mut Conversation,
    message: &Message,
    (rule, text, epoch, now): (&RuleId, &str, Option<Epoch>, Timestamp),
    entries: &mut Entries<'_>,
) -> Result<Vec<Write>, JobError> {
    let message = &message.id;
    let intent = IntentId::derived(&platform.id_key, &["rule", message.as_str()]);
    // After a restore the message may be lost and the record of the answer back already.
    let answered = message_path(organization, &conversation.id, &outbound_message_id(platform, &intent));
    if platform.documents.get(&answered).await?.is_some() {
        return Ok(Vec::new());
    }
    if !note_reply(&mut conversation.rule_replies, rule, now) {
        tracing::info!(rule.id = %rule, conversation.id = %conversation.id, "a rule has answered too often of late");
        return Ok(Vec::new());
    }
    let answer = Outbound {
        intent,
        content: OutboundContent::Text { body: text.to_owned(), preview_url: false },
        origin: Origin::Program,
        assistant: None,
        member: None,
        epoch,
        reply_to: None,
        answers: vec![message.clone()],
        resends: None,
    };
    Ok(outbound(platform, organization, conversation, answer, entries).into())
}
