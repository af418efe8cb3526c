//! Settings, read once at the start from the environment (and from `.env` on a developer's machine).
//!
//! Everything that is wrong is reported at once, by name. A reader asks for all its variables first and then puts them
//! together:
//!
//! ```
//! use boot::settings::{Environment, Kind};
//!
//! struct Settings {
//!     port: u16,
//!     secret: secrecy::SecretString,
//! }
//!
//! let environment = Environment::from_pairs([("PORT", "eight"), ("HOST", "127.0.0.1")]);
//! let read = environment.read(|read| {
//!     let port = read.or("PORT", Kind::PORT, 8000);
//!     let secret = read.required("WHATSAPP_VERIFY_TOKEN", Kind::SECRET);
//!     Some(Settings { port: port?, secret: secret? })
//! });
//! let message = read.err().map(|error| error.to_string()).unwrap_or_default();
//! assert!(message.contains("PORT: found \"eight\"; expected a port"));
//! assert!(message.contains("WHATSAPP_VERIFY_TOKEN: found nothing"));
//! ```

mod app_env;
mod environment;
mod kind;
#[cfg(test)]
mod tests;
mod wrong;

pub use app_env::AppEnv;
pub use environment::{Environment, Reader};
pub use kind::{Kind, Rotating};
pub use wrong::WrongSettings;
