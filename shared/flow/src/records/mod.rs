//! How each concept is written down: the one mapping between domain types and documents or items, the same for every
//! store. Personal fields are sealed here and nowhere else; every path but a few begins with its organization.

mod annotation;
mod api_key;
mod assistant;
mod attribute;
mod audit;
mod canned_reply;
mod claim;
mod consent;
mod contact;
mod conversation;
mod delivery;
mod desk_work;
mod direct;
mod endpoint;
mod episode;
mod event;
mod feed;
mod fields;
mod gates;
mod intent;
mod invitation;
mod knowledge;
mod line;
mod media;
mod member;
mod message;
mod model_call;
mod note;
mod number;
mod outbox;
mod quarantine;
pub mod queries;
mod restore;
mod roster;
mod routing;
mod segment;
mod session;
mod sheet;
mod tally;
mod task;
mod team;
mod template;

pub use annotation::{Annotation, Edit, Reaction, annotation_path, annotations, read_annotation, write_annotation};
pub use api_key::{ApiKey, KeyHash, api_key_path, api_keys, read_api_key, write_api_key};
pub use assistant::{
    AssistantVersion, ManagedAssistant, PublishedVersion, assistant_path, assistants, read_assistant, read_version,
    version_path, versions, write_assistant, write_version,
};
pub use attribute::{attribute_path, attributes, read_attribute, write_attribute};
pub use audit::{audit, audit_log, audit_path, read_audit_entry, write_audit_entry};
pub use canned_reply::{canned_replies, canned_reply_path, read_canned_reply, write_canned_reply};
pub use claim::{Claimed, claim_path, read_claim, write_claim};
pub use consent::{consent_path, consents, read_consent, write_consent};
pub use contact::{
    Alias, alias_path, aliases_of, contact_path, contacts, read_alias, read_contact, write_alias, write_contact,
};
pub use conversation::{
    conversation_id, conversation_path, conversations, list_key, read_conversation, write_conversation,
};
pub use delivery::{deliveries, delivery_id, delivery_path, read_delivery, write_delivery};
pub use desk_work::{DeskWork, desk_work, left_work_path, queue_work_path, read_desk_work, write_desk_work};
pub use direct::{DirectSend, direct_send_path, read_direct_send, write_direct_send};
pub use endpoint::{endpoint_path, endpoints, read_endpoint, write_endpoint};
pub use episode::{episode_path, episodes, read_episode, write_episode};
pub use event::{
    AccountRecord, KeptEvent, account_path, accounts, event_path, read_account, read_event, unowned, unowned_path,
    write_account, write_event,
};
pub(crate) use feed::to_int;
pub use feed::{
    FeedHead, WaitingEntry, feed, feed_head_path, feed_path, read_counted, read_feed_entry, read_feed_head,
    read_waiting_entry, write_feed_entry, write_feed_head, write_waiting_entry,
};
pub use fields::{FieldReader, FieldWriter, IntoValue, RecordError};
pub use gates::{
    ChannelState, KILL_SHARDS, KillRow, KillScope, channel_key, grant_key, kill_key, kill_keys, kill_shard, owner_key,
    read_channel, read_kill, read_owner, read_stop, stop_key, write_channel, write_grant, write_kill, write_owner,
    write_stop,
};
pub use intent::{IntentRecord, Verdict, intent_key, read_intent, write_intent};
pub use invitation::{Invitation, invitation_path, invitations, read_invitation, write_invitation};
pub use knowledge::{KnowledgeText, Readers, knowledge, knowledge_path, read_knowledge, write_knowledge};
pub use line::{line_path, read_line, write_line};
pub use media::{
    MediaOrigin, MediaUpload, StoredMedia, media, media_path, media_upload_path, message_media_id, read_media,
    read_media_upload, write_media, write_media_upload,
};
pub use member::{Member, member_path, members, read_member, write_member};
pub(crate) use message::sort_key;
pub use message::{
    Attribution, Body, Direction, Draft, Message, Origin, Raw, WamidAlias, draft_path, inbound_message_id,
    message_path, messages, outbound_message_id, read_draft, read_message, read_wamid_alias, wamid_key, wamid_path,
    write_draft, write_message, write_wamid_alias,
};
pub use model_call::{ModelCall, model_call_path, model_calls, read_model_call, write_model_call};
pub use note::{Note, note_path, notes, read_note, write_note};
pub use number::{
    number_path, numbers, organization_path, read_number, read_organization, write_number, write_organization,
};
pub use outbox::{OutboxRow, outbox, outbox_path, read_outbox_row, write_outbox_row};
pub use quarantine::{Quarantined, quarantine, quarantine_path, read_quarantined, write_quarantined};
pub use restore::{Restore, read_restore, restore_key, write_restore};
pub use roster::{Pending, Roster, RosterKey, bootstrap_path, read_roster, roster_path, write_bootstrap, write_roster};
pub use routing::{read_rules, rules_path, write_rules};
pub use segment::{Segment, read_segment, segment_path, segments, write_segment};
pub use session::{SessionRecord, read_sessions, sessions_key, write_sessions};
pub use sheet::{Sheet, SheetKey, SheetOf, day_key, read_sheet, sheet_list, sheet_path, sheets, write_sheet};
pub use tally::{Count, Tallied, read_tally, tally_path, write_tally};
pub use task::{read_task, row_error_path, row_errors, row_key, task_path, tasks, write_task};
pub use team::{read_team, team_path, teams, write_team};
pub use template::{
    ChangeSource, ChangedPart, TemplateChange, TemplateFacet, account_facet, read_submission, read_template,
    read_template_change, submission_path, template_history, template_id, template_key, template_path, templates,
    write_submission, write_template, write_template_change,
};
