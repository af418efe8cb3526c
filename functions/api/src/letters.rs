use flow::dead_letters::MOST;
use flow::ports::Queue;
use serde::de::Error;
use serde::{Deserialize, Deserializer, Serialize};
use utoipa::ToSchema;

use crate::schema;

/// Dead letters of a queue, by their ids.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ChosenLetters {
    #[schema(schema_with = schema::queue)]
    pub queue: QueueName,
    /// As the list of dead letters has them.
    #[schema(schema_with = schema::letter_ids)]
    pub ids: LetterIds,
}

/// Those of the letters that were there.
#[derive(Serialize, ToSchema)]
#[schema(as = DeadLetterIds)]
pub(crate) struct ShownLetters {
    pub ids: Vec<String>,
}

/// A queue, by its name.
pub(crate) struct QueueName(pub Queue);

impl<'de> Deserialize<'de> for QueueName {
    fn deserialize<D: Deserializer<'de>>(name: D) -> Result<Self, D::Error> {
        let name = String::deserialize(name)?;
        Queue::parse(&name).map(Self).ok_or_else(|| D::Error::custom("is not a queue"))
    }
}

/// From one to a hundred ids.
pub(crate) struct LetterIds(pub Vec<String>);

impl<'de> Deserialize<'de> for LetterIds {
    fn deserialize<D: Deserializer<'de>>(ids: D) -> Result<Self, D::Error> {
        let ids = Vec::<String>::deserialize(ids)?;
        if !(1..=MOST as usize).contains(&ids.len()) {
            return Err(D::Error::custom("must be from 1 to 100 ids"));
        }
        match ids.iter().all(|id| (1..=LONGEST).contains(&id.chars().count())) {
            true => Ok(Self(ids)),
            false => Err(D::Error::custom("has an id that is none")),
        }
    }
}

/// No queue's id of a message has more characters.
const LONGEST: usize = 100;
