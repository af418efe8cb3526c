//! What Meta tells about the account, its numbers and its templates: everything that is no message and no status.

use crate::line::LineEvent;
use crate::template::TemplateEvent;

macro_rules! fields {
    ($($(#[$doc:meta])* $variant:ident = $name:literal $(| $alias:literal)*;)*) => {
        /// A webhook field that Meta documents besides messages and statuses.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum AccountField {
            $($(#[$doc])* $variant,)*
        }

        impl AccountField {
            /// Every field.
            pub const ALL: &[Self] = &[$(Self::$variant,)*];

            /// Meta's name of it.
            pub fn as_str(self) -> &'static str {
                match self {
                    $(Self::$variant => $name,)*
                }
            }

            /// The field of that name, if it is a documented one.
            pub fn parse(name: &str) -> Option<Self> {
                match name {
                    $($name $(| $alias)* => Some(Self::$variant),)*
                    _ => None,
                }
            }
        }
    };
}

fields! {
    /// A warning or a decision about the business.
    AccountAlerts = "account_alerts";
    /// The review of the account.
    AccountReviewUpdate = "account_review_update";
    /// Settings of a number, such as calling.
    AccountSettingsUpdate = "account_settings_update";
    /// The account was restricted, banned, linked, deleted …
    AccountUpdate = "account_update";
    /// A lead or purchase that Meta recognised in a chat.
    AutomaticEvents = "automatic_events";
    /// How many people the business may write to.
    BusinessCapabilityUpdate = "business_capability_update";
    /// The business's own user name. Meta's documentation has it in the singular and in the plural.
    BusinessUsernameUpdate = "business_username_update" | "business_username_updates";
    /// Calls.
    Calls = "calls";
    /// An error of the account or the system, outside of any message.
    Errors = "errors";
    /// A form (Flow) changed its state or its health.
    Flows = "flows";
    /// A group was created or deleted.
    GroupLifecycleUpdate = "group_lifecycle_update";
    /// People joined or left a group.
    GroupParticipantsUpdate = "group_participants_update";
    /// A group's name, picture or description changed.
    GroupSettingsUpdate = "group_settings_update";
    /// A group was suspended or freed.
    GroupStatusUpdate = "group_status_update";
    /// Old messages of the business's own phone.
    History = "history";
    /// A template's text changed.
    MessageTemplateComponentsUpdate = "message_template_components_update";
    /// A template's quality changed.
    MessageTemplateQualityUpdate = "message_template_quality_update";
    /// A template was approved, refused, paused …
    MessageTemplateStatusUpdate = "message_template_status_update";
    /// A solution of partners changed.
    PartnerSolutions = "partner_solutions";
    /// The payment settings changed.
    PaymentConfigurationUpdate = "payment_configuration_update";
    /// The review of a number's display name.
    PhoneNumberNameUpdate = "phone_number_name_update";
    /// A number's quality or throughput changed.
    PhoneNumberQualityUpdate = "phone_number_quality_update";
    /// A number's PIN changed.
    Security = "security";
    /// The address book of the business's own phone.
    SmbAppStateSync = "smb_app_state_sync";
    /// A template moved to another category.
    TemplateCategoryUpdate = "template_category_update";
}

/// Something about the account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AccountEvent {
    /// The webhook field.
    pub field: AccountField,
    /// What happened, by Meta's own name (`ACCOUNT_RESTRICTION`, `APPROVED`, `group_create` …), where the field has one.
    pub what: Option<String>,
    /// The template that it is about, and what happened to it.
    pub template: Option<Box<TemplateEvent>>,
    /// The number or numbers that it is about, and what happened to them.
    pub line: Option<Box<LineEvent>>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_field_survives_its_name() {
        for field in AccountField::ALL {
            assert_eq!(AccountField::parse(field.as_str()), Some(*field));
        }
        assert_eq!(AccountField::parse("business_username_updates"), Some(AccountField::BusinessUsernameUpdate));
        assert_eq!(AccountField::parse("messages"), None);
    }
}
