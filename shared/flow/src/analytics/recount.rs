//! Counting everything again, from the records, while messages go on.
//!
//! A recount makes the next generation of sheets. What it has passed is in it: from then on, differences are folded into
//! both generations. A page of records is counted in one commit with the feed's head, on condition that nothing was numbered
//! or folded since the records were read; what waits to be folded and is in the records already is taken off again, since it will be
//! folded into them. So the next generation is exact at every moment, without a record being written.

use std::collections::{BTreeMap, BTreeSet};

use domain::conversation::Episode;
use domain::figures::{Counts, Dimension, Figures};
use domain::{ConversationId, OrganizationId, Span, TaskId, Timestamp};
use serde::{Deserialize, Serialize};

use super::count::{of_episode, of_message, of_model_call};
use super::fold::{Folding, fold};
use super::{CountedRecord, CountedUntil, NextCounting};
use crate::audit::{self, Actor};
use crate::job::JobError;
use crate::keyed::sort_of;
use crate::manage::ManageError;
use crate::platform::Platform;
use crate::ports::{Document, Precondition, Write};
use crate::records::{
    FeedHead, conversation_path, feed_head_path, queries, read_conversation, read_episode, read_feed_head,
    read_message, read_model_call, read_sheet, read_waiting_entry, sheet_list, sheets, sort_key, write_feed_head,
};
use crate::tasks::{self, Step, Task, TaskState, Work};
use crate::wake::wake_task;

/// A page has so many records at most.
const PAGE: u32 = 200;
/// A page ends once it changes more sheets: one commit writes them all, those of one more record, and no more than 400.
const SHEETS: usize = 150;
/// A page has so many conversations at most.
const CONVERSATIONS: usize = 20;
/// Nothing is counted while more waits than this.
const WAITING: u32 = 500;
/// A task is kept for so long.
const KEPT: Span = Span::from_days(7);

/// How far a recount is.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct RecountProgress {
    /// How many records were counted: messages, episodes and calls of models.
    pub records: u64,
    /// What it is at.
    pub stage: RecountStage,
    /// How many figures were not as they are now, once they were compared.
    pub differences: u64,
}

/// What a recount is at.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RecountStage {
    /// It has not begun.
    #[default]
    Begin,
    /// It counts; the feed's head says how far it is.
    Count,
    /// It compares with what was shown, list by list, after this sheet of the list.
    Compare(usize, Option<String>),
    /// It removes what is shown no longer.
    Remove,
}

/// Starts to count everything again. One that is at work already gives way to it.
///
/// # Errors
/// [`ManageError`].
pub async fn start_recount(
    platform: &Platform,
    organization: &OrganizationId,
    actor: &Actor,
) -> Result<Task, ManageError> {
    let id = TaskId::from_bits(platform.entropy.bits());
    if let Some((made, _)) = tasks::get(platform, organization, &id).await? {
        wake_task(platform, organization, &id).await?;
        return Ok(made);
    }
    let now = platform.clock.now();
    let mut task = Task {
        id,
        work: Work::Recount(RecountProgress::default()),
        state: TaskState::Running,
        failure: None,
        created_by: actor.who.id().map(ToOwned::to_owned),
        created_at: now,
        finished_at: None,
        due_at: Some(now),
        expires_at: now + KEPT,
    };
    let audit = audit::entry(platform, organization, actor, "analytics.recount_started", Some(task.id.as_str()), &[]);
    tasks::put(platform, organization, &mut task, Precondition::MustNotExist, vec![audit]).await?;
    wake_task(platform, organization, &task.id).await?;
    Ok(task)
}

/// The next step.
pub(crate) async fn recount_step(
    platform: &Platform,
    organization: &OrganizationId,
    task: &Task,
    work: &RecountProgress,
) -> Result<Step, JobError> {
    // What waits is folded first, as far as it can be, so that little is in between.
    fold(platform, organization).await?;
    let path = feed_head_path(organization);
    let found = platform.documents.get(&path).await?;
    let head = read_feed_head(platform, found.as_ref())?;
    if head.folded < head.last || !head.uncounted.is_empty() {
        // More was numbered in this moment; the task's next run tries again.
        return Err(JobError::Retry("more waits to be folded".into()));
    }
    let head = Head { head, precondition: unchanged(found) };
    if work.stage == RecountStage::Begin {
        return Ok(head.begin(platform, organization, task, work));
    }
    if work.stage == RecountStage::Remove {
        return remove(platform, organization, task, work, head.head.counting.generation).await;
    }
    let Some(next) = head.head.counting.next.clone().filter(|next| next.task == task.id) else {
        return Ok(Step::failed(task, "superseded"));
    };
    match &work.stage {
        RecountStage::Compare(list, after) => {
            let generations = (head.head.counting.generation, next.generation);
            let compared = compare(platform, organization, generations, (*list, after.as_deref())).await?;
            let mut work = RecountProgress { differences: work.differences + compared.differences, ..work.clone() };
            match compared.next {
                Some((list, after)) => {
                    work.stage = RecountStage::Compare(list, after);
                    Ok(step(task, work, TaskState::Running, Vec::new()))
                }
                None => {
                    work.stage = RecountStage::Remove;
                    Ok(head.show(platform, organization, task, work))
                }
            }
        }
        _ => head.count(platform, organization, task, work, next).await,
    }
}

fn step(task: &Task, work: RecountProgress, state: TaskState, writes: Vec<Write>) -> Step {
    Step { task: Task { work: Work::Recount(work), state, ..task.clone() }, writes }
}

fn unchanged(document: Option<Document>) -> Precondition {
    document.map_or(Precondition::MustNotExist, |document| Precondition::Unchanged(document.version))
}

/// The feed's head as it was read.
struct Head {
    head: FeedHead,
    precondition: Precondition,
}

impl Head {
    fn write(self, platform: &Platform, organization: &OrganizationId) -> Write {
        let fields = write_feed_head(platform, organization, &self.head);
        Write::Set { path: feed_head_path(organization), fields, precondition: self.precondition }
    }

    /// The next generation begins; another recount that makes one has lost it.
    fn begin(
        mut self,
        platform: &Platform,
        organization: &OrganizationId,
        task: &Task,
        work: &RecountProgress,
    ) -> Step {
        let counting = &mut self.head.counting;
        let last = counting.next.as_ref().map_or(counting.generation, |next| next.generation);
        counting.next =
            Some(NextCounting { generation: last + 1, task: task.id.clone(), until: CountedUntil::Nothing });
        let work = RecountProgress { stage: RecountStage::Count, ..work.clone() };
        step(task, work, TaskState::Running, vec![self.write(platform, organization)])
    }

    /// The next generation is shown from now on.
    fn show(mut self, platform: &Platform, organization: &OrganizationId, task: &Task, work: RecountProgress) -> Step {
        if let Some(next) = self.head.counting.next.take() {
            self.head.counting.generation = next.generation;
        }
        step(task, work, TaskState::Running, vec![self.write(platform, organization)])
    }

    /// Counts a page of records.
    async fn count(
        mut self,
        platform: &Platform,
        organization: &OrganizationId,
        task: &Task,
        work: &RecountProgress,
        mut next: NextCounting,
    ) -> Result<Step, JobError> {
        let mut work = work.clone();
        if next.until == CountedUntil::Everything {
            work.stage = RecountStage::Compare(0, None);
            return Ok(step(task, work, TaskState::Running, Vec::new()));
        }
        let page = Page::read(platform, organization, &next.until).await?;
        let waiting = platform.documents.query(&queries::feed_waiting(organization, WAITING + 1)).await?;
        if waiting.len() > WAITING as usize {
            // More comes than is folded just now; the task's next run tries again.
            return Err(JobError::Retry("too much waits to be folded".into()));
        }
        let mut folding = Folding::default();
        let mut passed = next.until.clone();
        let mut counted: BTreeMap<CountedRecord, Timestamp> = BTreeMap::new();
        for record in page.records {
            if folding.len() > SHEETS {
                break;
            }
            if let Some(record) = record.is {
                folding.add(next.generation, &record.counts);
                counted.insert(record.record, record.changed_at);
                work.records += 1;
            }
            passed = record.until;
        }
        for document in &waiting {
            let entry = read_waiting_entry(platform, document)?;
            for difference in &entry.counted {
                // It is in the record as it was read, and will be folded into it once more.
                if counted.get(&difference.record).is_some_and(|changed_at| entry.at <= *changed_at) {
                    folding.add(next.generation, &Counts::default().minus(&difference.by));
                }
            }
        }
        next.until = passed;
        self.head.counting.next = Some(next);
        let mut writes = folding.writes(platform, organization).await?;
        writes.push(self.write(platform, organization));
        Ok(step(task, work, TaskState::Running, writes))
    }
}

/// Records in the order in which they are counted.
struct Page {
    records: Vec<Passed>,
}

/// How far a recount is when it has counted one more.
struct Passed {
    /// The record; none where it only goes on to the next place.
    is: Option<Counting>,
    until: CountedUntil,
}

/// A record as it was read, and what it counts.
struct Counting {
    record: CountedRecord,
    counts: Counts,
    changed_at: Timestamp,
}

impl Page {
    async fn read(platform: &Platform, organization: &OrganizationId, until: &CountedUntil) -> Result<Self, JobError> {
        let mut page = Self { records: Vec::new() };
        match until {
            CountedUntil::Nothing => page.calls(platform, organization, None).await?,
            CountedUntil::ModelCall(last) if !last.is_empty() => {
                page.calls(platform, organization, Some(last)).await?;
            }
            CountedUntil::ModelCall(_) => page.conversations(platform, organization, None).await?,
            CountedUntil::Episode(id, down_to) => {
                if page.conversation(platform, organization, id, Some(*down_to)).await? {
                    page.conversations(platform, organization, Some(id.as_str())).await?;
                }
            }
            CountedUntil::Conversation(id, down_to) => {
                let down_to = down_to.as_deref();
                let whole = down_to == Some("");
                if whole || page.messages(platform, organization, id, down_to).await? {
                    page.conversations(platform, organization, Some(id.as_str())).await?;
                }
            }
            CountedUntil::Everything => {}
        }
        Ok(page)
    }

    /// Calls of models, newest first. The place after all of them is that of an empty key.
    async fn calls(
        &mut self,
        platform: &Platform,
        organization: &OrganizationId,
        after: Option<&str>,
    ) -> Result<(), JobError> {
        let query = queries::model_calls_newest_first(organization, after, PAGE);
        let documents = platform.documents.query(&query).await?;
        for document in &documents {
            let call = read_model_call(platform, document)?;
            let sort = call.sort();
            let record = CountedRecord::ModelCall { sort: sort.clone(), id: call.id.clone() };
            // It is written once, together with the entry that counts it.
            let is = Some(Counting { record, counts: of_model_call(&call), changed_at: Timestamp::MAX });
            self.records.push(Passed { is, until: CountedUntil::ModelCall(sort) });
        }
        if documents.len() < PAGE as usize {
            self.records.push(Passed { is: None, until: CountedUntil::ModelCall(String::new()) });
        }
        Ok(())
    }

    /// Conversations by their ids, each with its episodes and then its messages.
    async fn conversations(
        &mut self,
        platform: &Platform,
        organization: &OrganizationId,
        after: Option<&str>,
    ) -> Result<(), JobError> {
        let query = queries::conversations_by_id(organization, after, u32::try_from(CONVERSATIONS).unwrap_or(1));
        let documents = platform.documents.query(&query).await?;
        for document in &documents {
            let id = read_conversation(platform, document)?.id;
            if !self.conversation(platform, organization, &id, None).await? || self.records.len() >= PAGE as usize {
                return Ok(());
            }
        }
        if documents.len() < CONVERSATIONS {
            self.records.push(Passed { is: None, until: CountedUntil::Everything });
        }
        Ok(())
    }

    /// The episodes of a conversation before this one, or all, newest first, and then its messages; `true`: these are its
    /// last ones.
    async fn conversation(
        &mut self,
        platform: &Platform,
        organization: &OrganizationId,
        id: &ConversationId,
        before: Option<u32>,
    ) -> Result<bool, JobError> {
        let Some(document) = platform.documents.get(&conversation_path(organization, id)).await? else {
            return Ok(true);
        };
        let conversation = read_conversation(platform, &document)?;
        // The last one is in the conversation; those before it are over.
        let last = conversation.episode.iter().filter(|last| before.is_none_or(|before| last.number < before));
        let mut episodes: Vec<Episode> = last.cloned().collect();
        let below = before.or(conversation.episode.as_ref().map(|last| last.number)).unwrap_or_default();
        let found = platform.documents.query(&queries::episodes_before(organization, id, below, PAGE)).await?;
        for document in &found {
            let episode = read_episode(platform, document)?;
            if episodes.iter().all(|known| known.number != episode.number) {
                episodes.push(episode);
            }
        }
        for episode in &episodes {
            let record = CountedRecord::Episode { conversation: id.clone(), number: episode.number };
            let counts = of_episode(&conversation.number, episode);
            let is = Some(Counting { record, counts, changed_at: conversation.changed_at });
            self.records.push(Passed { is, until: CountedUntil::Episode(id.clone(), episode.number) });
        }
        if found.len() == PAGE as usize {
            return Ok(false);
        }
        self.records.push(Passed { is: None, until: CountedUntil::Conversation(id.clone(), None) });
        self.messages(platform, organization, id, None).await
    }

    /// Messages of a conversation, newest first; `true`: these are its last ones. The place after all of them is that of
    /// an empty key.
    async fn messages(
        &mut self,
        platform: &Platform,
        organization: &OrganizationId,
        conversation: &ConversationId,
        after: Option<&str>,
    ) -> Result<bool, JobError> {
        let query = queries::messages_newest_first(organization, conversation, after, PAGE);
        let documents = platform.documents.query(&query).await?;
        for document in &documents {
            let message = read_message(platform, document)?;
            let sort = sort_key(&message);
            let record = CountedRecord::Message { conversation: conversation.clone(), sort: sort.clone() };
            let is = Some(Counting { record, counts: of_message(&message), changed_at: message.changed_at });
            self.records.push(Passed { is, until: CountedUntil::Conversation(conversation.clone(), Some(sort)) });
        }
        let is_whole = documents.len() < PAGE as usize;
        if is_whole {
            let until = CountedUntil::Conversation(conversation.clone(), Some(String::new()));
            self.records.push(Passed { is: None, until });
        }
        Ok(is_whole)
    }
}

/// How two generations differ.
struct Compared {
    differences: u64,
    /// Where it goes on.
    next: Option<(usize, Option<String>)>,
}

/// Compares a page of the sheets of two generations: those that the first has, and those that the second has alone. Both
/// get every difference in the same commits, so that what is read at one moment must be the same.
async fn compare(
    platform: &Platform,
    organization: &OrganizationId,
    (shown, next): (u32, u32),
    (list, after): (usize, Option<&str>),
) -> Result<Compared, JobError> {
    // Two lists for each dimension: one generation's, and the other's.
    let Some(dimension) = Dimension::ALL.get(list / 2) else { return Ok(Compared { differences: 0, next: None }) };
    let (mine, other) = if list % 2 == 0 { (shown, next) } else { (next, shown) };
    let (mine, other) = (sheet_list(mine, *dimension), sheet_list(other, *dimension));
    let query = queries::sheets_of(organization, &mine, ("", "~"), after, PAGE / 2);
    let documents = platform.documents.query(&query).await?;
    let collection = sheets(organization);
    let pairs: Vec<_> = documents
        .iter()
        .flat_map(|document| {
            let sort = document.path.id().strip_prefix(mine.as_str()).unwrap_or_default();
            [document.path.clone(), collection.doc(&format!("{other}{sort}"))]
        })
        .collect();
    let mut differences = 0;
    for pair in platform.documents.get_many(&pairs).await?.chunks(2) {
        let cells = |document: Option<&Document>| -> Result<_, JobError> {
            Ok(document.map(|document| read_sheet(platform, document)).transpose()?.map(|sheet| sheet.cells))
        };
        let (Some(first), second) = (cells(pair[0].as_ref())?, cells(pair[1].as_ref())?) else { continue };
        if list % 2 == 1 && second.is_some() {
            continue; // it was compared from the other side
        }
        let second = second.unwrap_or_default();
        let quarters: BTreeSet<_> = first.keys().chain(second.keys()).collect();
        for quarter in quarters {
            let (first, second) = (first.get(quarter), second.get(quarter));
            let of = |figures: Option<&Figures>| figures.cloned().unwrap_or_default();
            let (first, second) = (of(first), of(second));
            let measures: BTreeSet<_> = first.iter().chain(second.iter()).map(|(measure, _)| measure.clone()).collect();
            let differing = measures.iter().filter(|measure| first.get(measure) != second.get(measure)).count();
            differences += u64::try_from(differing).unwrap_or_default();
        }
    }
    let next = match documents.last().and_then(sort_of) {
        Some(last) if documents.len() == (PAGE / 2) as usize => (list, Some(last)),
        _ => (list + 1, None),
    };
    Ok(Compared { differences, next: Some(next) })
}

/// Removes sheets that are shown no longer.
async fn remove(
    platform: &Platform,
    organization: &OrganizationId,
    task: &Task,
    work: &RecountProgress,
    shown: u32,
) -> Result<Step, JobError> {
    let over = platform.documents.query(&queries::sheets_before(organization, shown, PAGE)).await?;
    let state = if over.len() < PAGE as usize { TaskState::Completed } else { TaskState::Running };
    let delete = |document: Document| Write::Delete { path: document.path, precondition: Precondition::None };
    Ok(step(task, work.clone(), state, over.into_iter().map(delete).collect()))
}
