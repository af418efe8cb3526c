use std::sync::Arc;

use domain::Email;
use domain::webhook::Reach;
use flow::platform::Platform;
use flow::ports::{Business, Model, NoBusiness, QueueConsumer, WhatsApp};
use identity::{AccessTokens, FirebaseVerifier};

use crate::operator::OperatorKeys;
use crate::rate::Spare;
use crate::settings::ApiSettings;

/// How people sign in: with an ID token of a Firebase project.
pub struct SignIn {
    /// Looks at ID tokens.
    pub verifier: FirebaseVerifier,
    /// Whose first verified sign-in makes the first organization.
    pub owner: Option<Email>,
}

/// What assistants that are tried out answer with.
#[derive(Clone, Default)]
pub struct Answering {
    /// The language model; without one they answer from the organization's own texts, as they do to customers.
    pub model: Option<Arc<dyn Model>>,
    /// The model's name for a new assistant that names none; without it, each must name its own.
    pub usual_model: Option<String>,
}

/// What the routes stand on. Made once, when a program starts.
#[derive(Clone)]
pub struct ApiState {
    pub(crate) platform: Arc<Platform>,
    /// Every queue, for operators.
    pub(crate) queues: Arc<dyn QueueConsumer>,
    pub(crate) tokens: Arc<AccessTokens>,
    pub(crate) sign_in: Option<Arc<SignIn>>,
    pub(crate) operators: OperatorKeys,
    pub(crate) settings: Arc<ApiSettings>,
    pub(crate) spare: Arc<Spare>,
    pub(crate) reach: Reach,
    pub(crate) answering: Answering,
    pub(crate) business: Arc<dyn Business>,
    pub(crate) whatsapp: Option<Arc<dyn WhatsApp>>,
}

impl ApiState {
    /// A state over these ports. Without a way to sign in, programs with keys are all that get in.
    pub fn new(
        platform: Platform,
        queues: Arc<dyn QueueConsumer>,
        tokens: AccessTokens,
        settings: ApiSettings,
    ) -> Self {
        Self {
            platform: Arc::new(platform),
            queues,
            tokens: Arc::new(tokens),
            sign_in: None,
            operators: OperatorKeys::default(),
            settings: Arc::new(settings),
            spare: Arc::default(),
            reach: Reach::Public,
            answering: Answering::default(),
            business: Arc::new(NoBusiness),
            whatsapp: None,
        }
    }

    /// Webhooks may go to these addresses.
    #[must_use]
    pub fn with_reach(mut self, reach: Reach) -> Self {
        self.reach = reach;
        self
    }

    /// Assistants answer with this.
    #[must_use]
    pub fn with_answering(mut self, answering: Answering) -> Self {
        self.answering = answering;
        self
    }

    /// Templates and numbers are managed through this; without it Meta does not answer.
    #[must_use]
    pub fn with_business(mut self, business: Arc<dyn Business>) -> Self {
        self.business = business;
        self
    }

    /// Customers are told through this that somebody has read what they wrote; without it they are not.
    #[must_use]
    pub fn with_whatsapp(mut self, whatsapp: Arc<dyn WhatsApp>) -> Self {
        self.whatsapp = Some(whatsapp);
        self
    }

    /// People sign in like this.
    #[must_use]
    pub fn with_sign_in(mut self, sign_in: SignIn) -> Self {
        self.sign_in = Some(Arc::new(sign_in));
        self
    }

    /// Whoever has one of these keys runs the deployment.
    #[must_use]
    pub fn with_operators(mut self, operators: OperatorKeys) -> Self {
        self.operators = operators;
        self
    }
}
