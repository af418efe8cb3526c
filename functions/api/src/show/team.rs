use domain::Timestamp;
use domain::canned_reply::{CannedReply, Rendered, Variable};
use domain::team::Team;
use serde::Serialize;
use utoipa::ToSchema;

use crate::schema;

/// People of the organization who look after the same conversations.
#[derive(Serialize, ToSchema)]
#[schema(as = Team)]
pub(crate) struct ShownTeam<'a> {
    #[schema(schema_with = schema::team_id)]
    id: &'a str,
    name: &'a str,
    /// Who is in it.
    #[schema(schema_with = schema::member_ids)]
    members: Vec<&'a str>,
    #[schema(schema_with = schema::time)]
    created_at: Timestamp,
}

/// Shows a team.
pub(crate) fn team(team: &Team) -> ShownTeam<'_> {
    ShownTeam {
        id: team.id.as_str(),
        name: team.name.as_str(),
        members: team.members.iter().map(domain::MemberId::as_str).collect(),
        created_at: team.created_at,
    }
}

/// A text that people send again and again.
#[derive(Serialize, ToSchema)]
#[schema(as = CannedReply)]
pub(crate) struct ShownCannedReply<'a> {
    #[schema(schema_with = schema::canned_reply_id)]
    id: &'a str,
    shortcut: &'a str,
    title: &'a str,
    /// The text, with variables such as `{{contact.name}}`.
    text: &'a str,
    #[schema(schema_with = schema::time)]
    created_at: Timestamp,
}

/// Shows a canned reply.
pub(crate) fn canned_reply(reply: &CannedReply) -> ShownCannedReply<'_> {
    ShownCannedReply {
        id: reply.id.as_str(),
        shortcut: &reply.shortcut,
        title: &reply.title,
        text: &reply.text,
        created_at: reply.created_at,
    }
}

/// A canned reply, filled in for a customer.
#[derive(Serialize, ToSchema)]
#[schema(as = RenderedReply)]
pub(crate) struct ShownRendered<'a> {
    /// The text. A variable for which there is nothing stands in it as it was written.
    text: &'a str,
    /// The variables for which there is nothing.
    #[schema(schema_with = schema::reply_variables)]
    missing: Vec<&'static str>,
}

/// Shows a canned reply that was filled in.
pub(crate) fn rendered(rendered: &Rendered) -> ShownRendered<'_> {
    ShownRendered {
        text: &rendered.text,
        missing: rendered.missing.iter().map(|variable| Variable::as_str(*variable)).collect(),
    }
}
