//! Plans: how much of everything an organization may have and do.

/// What an organization has agreed on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Plan {
    /// To try things out.
    #[default]
    Free,
    /// One shop with a few people.
    Starter,
    /// A business with a team and integrations.
    Business,
    /// As much as one organization may use of a deployment.
    Enterprise,
}

/// The most of each thing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// People, invited ones included.
    pub members: u32,
    /// API keys that are good.
    pub api_keys: u32,
    /// Where changes are reported to.
    pub webhook_endpoints: u32,
    /// Texts that assistants answer from.
    pub knowledge_texts: u32,
    /// Requests to the API in a minute, all members and keys together.
    pub requests_per_minute: u32,
    /// Messages of campaigns in a minute, all numbers together.
    pub campaign_messages_per_minute: u32,
    /// Tokens of language models in a month of UTC, read and written.
    pub model_tokens_per_month: u64,
}

impl Plan {
    /// Every plan, the smallest first.
    pub const ALL: [Self; 4] = [Self::Free, Self::Starter, Self::Business, Self::Enterprise];

    /// Its name, as in the API.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Free => "free",
            Self::Starter => "starter",
            Self::Business => "business",
            Self::Enterprise => "enterprise",
        }
    }

    /// The plan of this name.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|plan| plan.as_str() == name)
    }

    /// What it allows.
    pub const fn limits(self) -> Limits {
        match self {
            Self::Free => Limits {
                members: 3,
                api_keys: 2,
                webhook_endpoints: 1,
                knowledge_texts: 50,
                requests_per_minute: 120,
                campaign_messages_per_minute: 60,
                model_tokens_per_month: 1_000_000,
            },
            Self::Starter => Limits {
                members: 10,
                api_keys: 5,
                webhook_endpoints: 3,
                knowledge_texts: 200,
                requests_per_minute: 600,
                campaign_messages_per_minute: 600,
                model_tokens_per_month: 20_000_000,
            },
            Self::Business => Limits {
                members: 50,
                api_keys: 20,
                webhook_endpoints: 10,
                knowledge_texts: 500,
                requests_per_minute: 3_000,
                campaign_messages_per_minute: 3_600,
                model_tokens_per_month: 200_000_000,
            },
            Self::Enterprise => Limits {
                members: 500,
                api_keys: 100,
                webhook_endpoints: 50,
                knowledge_texts: 1_000,
                requests_per_minute: 12_000,
                campaign_messages_per_minute: 60_000,
                model_tokens_per_month: 2_000_000_000,
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_greater_plan_allows_more_of_everything() {
        for pair in Plan::ALL.windows(2) {
            let (less, more) = (pair[0].limits(), pair[1].limits());
            assert!(less.members < more.members && less.api_keys < more.api_keys, "{pair:?}");
            assert!(less.webhook_endpoints < more.webhook_endpoints, "{pair:?}");
            assert!(less.knowledge_texts < more.knowledge_texts, "{pair:?}");
            assert!(less.requests_per_minute < more.requests_per_minute, "{pair:?}");
            assert!(less.campaign_messages_per_minute < more.campaign_messages_per_minute, "{pair:?}");
            assert!(less.model_tokens_per_month < more.model_tokens_per_month, "{pair:?}");
        }
        // All texts are read with one query, which answers with 1,000 at most.
        assert!(Plan::Enterprise.limits().knowledge_texts <= 1_000);
    }

    #[test]
    fn the_plans_are_as_they_are_documented() {
        let documented = include_str!("../../../docs/PLANS.md");
        for plan in Plan::ALL {
            let Limits {
                members,
                api_keys,
                webhook_endpoints,
                knowledge_texts,
                requests_per_minute,
                campaign_messages_per_minute,
                model_tokens_per_month,
            } = plan.limits();
            let numbers = [
                members,
                api_keys,
                webhook_endpoints,
                knowledge_texts,
                requests_per_minute,
                campaign_messages_per_minute,
            ];
            let numbers = numbers.map(|number| number.to_string()).join(" | ");
            let row = format!("| `{}` | {numbers} | {model_tokens_per_month} |", plan.as_str());
            assert!(documented.contains(&row), "{row}");
        }
    }

    #[test]
    fn names_lead_back() {
        for plan in Plan::ALL {
            assert_eq!(Plan::parse(plan.as_str()), Some(plan));
        }
        assert_eq!(Plan::parse("gold"), None);
    }
}
