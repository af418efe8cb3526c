//! What people do in the world: customers on their phones, and the business's people at the API.

use std::future::Future;

use domain::conversation::Conversation;
use domain::outbound::{OutboundContent, TemplateCategory};
use domain::{ConversationId, MemberId, MessageId, NumberId, OrganizationId, Span};
use flow::audit::{Actor, Who};
use flow::converse::{AnswerError, Answered};
use flow::job::JobError;
use flow::platform::Platform;
use flow::records::{KillScope, number_path, read_number};
use secrecy::SecretString;
use serde_json::{Value, json};

use super::people::Person;
use super::view::at_once;
use super::{World, envelope};

/// How often the API is asked again for the same.
const REPEATS: usize = 60;

/// A customer with their phone in hand.
pub struct Customer<'w> {
    world: &'w mut World,
    person: Person,
    number: &'static str,
    copies: usize,
}

impl<'w> Customer<'w> {
    pub(super) fn of(world: &'w mut World, person: Person, number: &'static str) -> Self {
        world.keep_secret(&person.secrets());
        Self { world, person, number, copies: 1 }
    }

    /// Writes to another number.
    #[must_use]
    pub fn to(self, number: &'static str) -> Self {
        Self { number, ..self }
    }

    /// Meta delivers each event so many times.
    #[must_use]
    pub fn times(self, copies: usize) -> Self {
        Self { copies, ..self }
    }

    /// Who it is.
    pub fn who(&self) -> Person {
        self.person.clone()
    }

    /// Writes a text; Meta's id of it.
    pub fn writes(self, text: &str) -> String {
        if text.chars().count() >= 8 {
            self.world.keep_secret(&[text.to_owned()]);
        }
        self.sends(&json!({"type": "text", "text": {"body": text}}))
    }

    /// Answers a message with a text.
    pub fn quotes(self, wamid: &str, text: &str) -> String {
        self.sends(&json!({"type": "text", "text": {"body": text}, "context": {"from": "1", "id": wamid}}))
    }

    /// Sends a message of any type: `type`, its object, and whatever stands beside them.
    pub fn sends(self, content: &Value) -> String {
        let wamid = self.world.new_wamid(&self.person);
        let change = envelope::message(self.number, &self.person, &wamid, self.world.now(), content);
        self.posts(&[change]);
        wamid
    }

    /// Reacts to a message; `None` takes the reaction back.
    pub fn reacts(self, wamid: &str, emoji: Option<&str>) -> String {
        self.sends(&json!({"type": "reaction", "reaction": {"message_id": wamid, "emoji": emoji.unwrap_or("")}}))
    }

    /// Edits a message of their own.
    pub fn edits(self, wamid: &str, text: &str) -> String {
        let message = json!({"type": "text", "text": {"body": text}});
        self.sends(&json!({"type": "edit", "edit": {"original_message_id": wamid, "message": message}}))
    }

    /// Deletes a message of their own for everyone.
    pub fn revokes(self, wamid: &str) -> String {
        self.sends(&json!({"type": "revoke", "revoke": {"original_message_id": wamid}}))
    }

    /// Chooses about marketing in WhatsApp's own settings: `stop` or `resume`.
    pub fn prefers(self, choice: &str) {
        let change = envelope::preference(self.number, &self.person, choice, self.world.now());
        self.posts(&[change]);
    }

    /// The business writes to them on its own phone.
    pub fn is_written_to_by_phone(self, text: &str) -> String {
        let wamid = self.world.new_wamid(&self.person);
        let content = json!({"type": "text", "text": {"body": text}});
        let change = envelope::echo(self.number, &self.person, &wamid, self.world.now(), &content);
        self.posts(&[change]);
        wamid
    }

    /// WhatsApp tells that they moved to another number: the person from now on.
    pub fn moves_to(self, phone: &str, user_id: Option<&str>) -> Person {
        let new = Person { phone: phone.to_owned(), user_id: user_id.map(str::to_owned), ..self.person.clone() };
        self.world.keep_secret(&new.secrets());
        let mut system = json!({"body": "moved", "type": "user_changed_number", "wa_id": phone});
        if let Some(user_id) = user_id {
            system["user_id"] = user_id.into();
        }
        self.sends(&json!({"type": "system", "system": system}));
        new
    }

    /// Meta posts these changes in one body.
    pub fn posts(self, changes: &[Value]) {
        for _ in 0..self.copies {
            self.world.post(envelope::body(changes), 0);
        }
        self.world.go_on();
    }
}

impl World {
    /// These texts must be written nowhere in plain.
    pub fn keep_secret(&mut self, texts: &[String]) {
        for text in texts {
            if !self.secrets.contains(text) {
                self.secrets.push(text.clone());
            }
        }
    }

    /// A new id of a message with this person.
    pub fn new_wamid(&mut self, person: &Person) -> String {
        let wamid = self.meta.new_wamid(person);
        self.keep_secret(std::slice::from_ref(&wamid));
        wamid
    }

    /// Meta posts these changes in one body.
    pub fn meta_posts(&mut self, changes: &[Value]) {
        self.post(envelope::body(changes), 0);
        self.go_on();
    }

    /// Meta posts these bytes, whatever they are.
    pub fn meta_posts_bytes(&mut self, body: &[u8]) {
        self.post(body.to_vec(), 0);
        self.go_on();
    }

    /// Where things happen in order, what is ready happens before the test goes on.
    fn go_on(&mut self) {
        if !self.conduct.shuffled {
            self.run_now();
        }
    }

    /// A person of the business takes a conversation over.
    ///
    /// # Panics
    /// When that is not possible.
    #[track_caller]
    pub fn take_over(&mut self, conversation: &ConversationId) -> Conversation {
        self.tries_to_take_over(conversation).expect("a take-over")
    }

    /// As [`Self::take_over`].
    ///
    /// # Errors
    /// When the API goes on failing: then nothing was acknowledged.
    pub fn tries_to_take_over(&mut self, conversation: &ConversationId) -> Result<Conversation, JobError> {
        let (organization, id) = (self.owner_of(conversation), conversation.clone());
        let taken = self.insist(|platform| {
            let (organization, id) = (organization.clone(), id.clone());
            async move { flow::owner::take_over(&platform, &organization, &id, &a_person()).await }
        });
        let taken = taken?.expect("a conversation");
        self.judge.changed_hands(conversation, taken.epoch);
        Ok(taken)
    }

    /// A person hands a conversation back to the assistant.
    ///
    /// # Panics
    /// When that is not possible.
    #[track_caller]
    pub fn hand_back(&mut self, conversation: &ConversationId) -> Conversation {
        self.tries_to_hand_back(conversation).expect("a hand-back")
    }

    /// As [`Self::hand_back`].
    ///
    /// # Errors
    /// When the API goes on failing: then nothing was acknowledged.
    pub fn tries_to_hand_back(&mut self, conversation: &ConversationId) -> Result<Conversation, JobError> {
        let (organization, id) = (self.owner_of(conversation), conversation.clone());
        let back = self.insist(|platform| {
            let (organization, id) = (organization.clone(), id.clone());
            async move { flow::owner::hand_back(&platform, &organization, &id, &a_person()).await }
        });
        let back = back?.expect("a conversation");
        self.judge.changed_hands(conversation, back.epoch);
        Ok(back)
    }

    /// A person answers with a text.
    ///
    /// # Errors
    /// As [`flow::converse::answer`].
    pub fn answers(&mut self, conversation: &ConversationId, key: &str, text: &str) -> Result<Answered, AnswerError> {
        self.keep_secret(&[text.to_owned()]);
        let content = OutboundContent::Text { body: text.to_owned(), preview_url: false };
        self.answers_with(conversation, key, content, None)
    }

    /// A person answers with any content.
    ///
    /// # Errors
    /// As [`flow::converse::answer`].
    pub fn answers_with(
        &mut self,
        conversation: &ConversationId,
        key: &str,
        content: OutboundContent,
        reply_to: Option<MessageId>,
    ) -> Result<Answered, AnswerError> {
        let (organization, id, key) = (self.owner_of(conversation), conversation.clone(), key.to_owned());
        let answered = self.insist(|platform| {
            let (organization, id, key) = (organization.clone(), id.clone(), key.clone());
            let (content, reply_to) = (content.clone(), reply_to.clone());
            async move {
                let (reply_to, actor) = (reply_to.as_ref(), a_person());
                match flow::converse::answer(&platform, &organization, &id, &key, content, reply_to, &actor).await {
                    Err(AnswerError::Job(error)) => Err(error),
                    answered => Ok(answered),
                }
            }
        });
        let answered = answered.map_err(AnswerError::Job)??;
        self.judge.changed_hands(conversation, answered.conversation.epoch);
        Ok(answered)
    }

    /// Turns a kill switch.
    ///
    /// # Panics
    /// When that is not possible.
    #[track_caller]
    pub fn kill(&mut self, scope: &KillScope, on: bool) {
        self.tries_to_kill(scope, on).expect("a kill switch");
    }

    /// As [`Self::kill`].
    ///
    /// # Errors
    /// When the API goes on failing: then nothing was acknowledged.
    pub fn tries_to_kill(&mut self, scope: &KillScope, on: bool) -> Result<(), JobError> {
        if !on {
            self.judge.killed(scope, false);
        }
        let turned = self.insist(|platform| {
            let scope = scope.clone();
            async move { flow::kill::switch(&platform, &scope, on, &a_person()).await }
        });
        turned?;
        if on {
            self.judge.killed(scope, true);
        }
        Ok(())
    }

    /// Asks the API for something, and again and again while it cannot do it or does not answer.
    pub(super) fn insist<T: 'static, Work>(&mut self, work: impl Fn(Platform) -> Work) -> Result<T, JobError>
    where
        Work: Future<Output = Result<T, JobError>> + 'static,
    {
        let mut last = JobError::Retry("nothing was answered".into());
        for _ in 0..REPEATS {
            match self.attempt(&work) {
                Some(Ok(value)) => return Ok(value),
                Some(Err(error)) => last = error,
                None => {}
            }
            self.wait(Span::from_seconds(2));
        }
        Err(last)
    }

    /// Connects a number anew: with this token, and with its assistant or without.
    ///
    /// # Panics
    /// When that is not possible.
    pub fn reconnect(&mut self, number: &str, token: &str, has_assistant: bool) {
        self.tries_to_reconnect(number, token, has_assistant).expect("a number that is connected");
    }

    /// As [`Self::reconnect`].
    ///
    /// # Errors
    /// When the API goes on failing.
    ///
    /// # Panics
    /// When nobody owns the number.
    pub fn tries_to_reconnect(&mut self, number: &str, token: &str, has_assistant: bool) -> Result<(), JobError> {
        let path = number_path(&number.parse::<NumberId>().expect("a number's id"));
        let document = self.document(&path).expect("a number that somebody owns");
        let (mut known, _) = read_number(&self.bare, &document).expect("a number");
        known.assistant = known.assistant.filter(|_| has_assistant);
        let token = SecretString::from(token.to_owned());
        self.insist(|platform| {
            let (known, token) = (known.clone(), token.clone());
            async move {
                flow::setup::connect_number(&platform, &known, Some(&token)).await?;
                flow::setup::token_changed(&platform, &known.id).await
            }
        })
    }

    /// Lets time pass, and upkeep look at its end even where nothing seems to be left to do.
    #[track_caller]
    pub fn wait_for_upkeep(&mut self, span: Span) {
        self.wait(span);
        let business = std::sync::Arc::clone(&self.business);
        self.act(|platform| async move { flow::upkeep::tick(&platform, business.as_ref()).await });
        self.settle();
    }

    /// Lets time pass, and checks what must hold while work may be left.
    #[track_caller]
    pub fn settle_so_far(&mut self, span: Span) {
        self.wait(span);
        self.check_so_far();
    }

    /// What the webhook says to these bytes with this signature.
    pub fn status_of_post(&mut self, body: &[u8], signature: Option<&str>) -> u16 {
        let mut request = http::Request::post("/webhooks/whatsapp");
        if let Some(signature) = signature {
            request = request.header("x-hub-signature-256", signature);
        }
        let request = request.body(lambda_http::Body::from(body.to_vec())).expect("a request");
        let webhook = self.inside.webhook.clone();
        self.act(|_| async move { webhook::handle(&webhook, request).await.status().as_u16() })
    }

    /// Meta's signature of these bytes.
    pub fn signature(&self, body: &[u8]) -> String {
        self.inside.webhook.secrets.sign(body)
    }

    /// A customer writes, the webhook says 200, and nothing else happens yet.
    pub fn post_only(&mut self, person: &Person, text: &str) -> String {
        self.keep_secret(&person.secrets());
        let wamid = self.new_wamid(person);
        let content = json!({"type": "text", "text": {"body": text}});
        let change = envelope::message(super::BAKERY, person, &wamid, self.now(), &content);
        let body = envelope::body(&[change]);
        let (inside, took) = (std::rc::Rc::clone(&self.inside), self.accepted_events());
        at_once(inside.take_in(body, 0));
        assert_eq!(self.accepted_events(), took + 1, "the webhook takes it");
        wamid
    }

    pub(super) fn owner_of(&self, conversation: &ConversationId) -> OrganizationId {
        let path = flow::records::conversation_path(&self.florist, conversation);
        if self.document(&path).is_some() { self.florist.clone() } else { self.bakery.clone() }
    }
}

/// Somebody of a business, as the audit log names them.
pub fn a_person() -> Actor {
    let who = Who::Member(MemberId::from_bits([7; 16]));
    Actor { who, request_id: "req_1".to_owned(), address: Some("192.0.2.77".to_owned()) }
}

/// A template without parameters.
pub fn template(name: &str, category: TemplateCategory) -> OutboundContent {
    OutboundContent::Template { name: name.to_owned(), language: "pt_BR".to_owned(), category, components: Vec::new() }
}
