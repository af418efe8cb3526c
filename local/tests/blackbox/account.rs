//! The foreign Meta's management side: the account's templates and numbers; and files, each of which says its own id. Written from Meta's documentation, with nothing
//! of ours in it.

use std::collections::BTreeSet;
use std::sync::Mutex;

use serde_json::{Value, json};

use crate::wire::Request;

/// What the account has.
#[derive(Default)]
pub struct Account {
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    templates: Vec<Value>,
    made: u64,
    /// The numbers that somebody asked for: all of them are the account's.
    numbers: BTreeSet<String>,
}

impl Account {
    /// The answer to a call of management; `None`: there is no such call.
    pub fn answer(&self, account: &str, request: &Request, route: &str) -> Option<Result<Value, i64>> {
        let (path, query) = route.split_once('?').unwrap_or((route, ""));
        let parts: Vec<&str> = path.split('/').collect();
        let mut state = self.state.lock().unwrap();
        let success = json!({"success": true});
        Some(match (request.method.as_str(), parts.as_slice()) {
            ("GET", [owner, "message_templates"]) if *owner == account => Ok(json!({"data": state.templates})),
            ("POST", [owner, "message_templates"]) if *owner == account => Ok(state.make(request.json())),
            ("DELETE", [owner, "message_templates"]) if *owner == account => {
                state.templates.retain(|one| !query.ends_with(&format!("hsm_id={}", one["id"].as_str().unwrap())));
                Ok(success)
            }
            ("GET", [owner, "phone_numbers"]) if *owner == account => {
                let numbers: Vec<_> = state.numbers.iter().map(|id| json!({ "id": id })).collect();
                Ok(json!({"data": numbers}))
            }
            ("POST", [owner, "subscribed_apps"]) if *owner == account => Ok(success),
            ("POST", [_, "register"]) if request.json()["pin"].is_string() => Ok(success),
            ("GET", [id]) if query.starts_with("phone_number_id=") => {
                let (here, _) = request.path.split_once(route)?;
                let url = format!("http://{}{here}files/{id}", request.header("host")?);
                Ok(json!({"messaging_product": "whatsapp", "id": id, "url": url, "mime_type": "image/jpeg"}))
            }
            ("GET", ["files", id]) => Ok(json!({"file": id})),
            ("POST", [_, "media"]) => {
                let form = String::from_utf8_lossy(&request.body);
                if !form.contains("name=\"messaging_product\"") || !form.contains("name=\"file\"; filename=") {
                    return Some(Err(100));
                }
                state.made += 1;
                Ok(json!({"id": (770_000_000 + state.made).to_string()}))
            }
            ("GET", [id]) if query.contains("verified_name") => {
                state.numbers.insert((*id).to_owned());
                Ok(json!({"id": id, "display_phone_number": "+55 11 3333-4444", "verified_name": "Padaria",
                          "quality_rating": "GREEN", "status": "CONNECTED", "name_status": "APPROVED",
                          "whatsapp_business_manager_messaging_limit": "TIER_2K", "throughput": {"level": "STANDARD"}}))
            }
            ("GET", [id]) => state.templates.iter().find(|one| one["id"] == *id).cloned().ok_or(100),
            ("POST", [id]) => match state.templates.iter_mut().find(|one| one["id"] == *id) {
                Some(template) => {
                    template["components"] = request.json()["components"].clone();
                    Ok(success)
                }
                None => Err(100),
            },
            _ => return None,
        })
    }
}

impl State {
    fn make(&mut self, mut template: Value) -> Value {
        self.made += 1;
        template["id"] = json!((880_000_000 + self.made).to_string());
        // This Meta decides at once.
        template["status"] = json!("APPROVED");
        self.templates.push(template.clone());
        json!({"id": template["id"], "status": "APPROVED", "category": template["category"]})
    }
}
