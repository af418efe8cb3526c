use domain::Timestamp;
use domain::canned_reply::{CannedReply, Rendered, Variable};
use domain::team::{Distribution, Strategy, Team};
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
    /// Who of them is given a conversation.
    distribution: ShownDistribution,
    #[schema(schema_with = schema::time)]
    created_at: Timestamp,
}

/// Who is given the conversations that need a person and that nobody looks after.
#[derive(Serialize, ToSchema)]
#[schema(as = Distribution)]
pub(crate) struct ShownDistribution {
    /// `least_busy`: whoever looks after the fewest; `round_robin`: one after the other; `manual`: people take them.
    #[schema(schema_with = schema::strategy)]
    strategy: Strategy,
    /// How many open conversations somebody looks after at most to be given another one; null: any number.
    #[schema(minimum = 1, maximum = 1000, required = false)]
    most_open: Option<u32>,
}

/// Shows who is given conversations.
pub(crate) fn distribution(distribution: Distribution) -> ShownDistribution {
    ShownDistribution { strategy: distribution.strategy, most_open: distribution.most_open }
}

/// Shows a team.
pub(crate) fn team(team: &Team) -> ShownTeam<'_> {
    ShownTeam {
        id: team.id.as_str(),
        name: team.name.as_str(),
        members: team.members.iter().map(domain::MemberId::as_str).collect(),
        distribution: distribution(team.distribution),
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
