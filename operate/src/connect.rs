use std::fs;
use std::path::{Path, PathBuf};

use anyhow::Context;
use domain::organization::Number;
use domain::{NumberId, OrganizationId};
use flow::platform::Platform;
use flow::setup::{self, Definition, Model};
use flow::templates;
use secrecy::SecretString;

/// A number to connect.
pub(crate) struct NewNumber {
    pub id: NumberId,
    pub account: String,
    pub display: String,
    pub token: SecretString,
}

/// Makes the organization that the folder describes, unless it is there, lets it know the folder's texts, and connects the
/// number to it. Its id comes from
/// the business account, so that repeating this with a corrected folder or a new token finds the same organization.
pub(crate) async fn connect(platform: &Platform, folder: &Path, number: NewNumber) -> anyhow::Result<OrganizationId> {
    let file = folder.join("assistant.json");
    let text = fs::read_to_string(&file).with_context(|| format!("{} cannot be read", file.display()))?;
    let definition: Definition = serde_json::from_str(&text).with_context(|| format!("{}", file.display()))?;
    let knowledge = knowledge(&folder.join("knowledge"))?;
    let id = OrganizationId::derived(&platform.id_key, &["account", &number.account]);
    let texts = || knowledge.iter().map(|(name, text)| (name.as_str(), text.as_str()));
    let assistant = setup::set_up(platform, &id, &definition, texts(), Model::Usual(openai::DEFAULT_MODEL)).await?;
    // An organization that was there already learns what has changed.
    setup::learn(platform, &id, texts()).await?;
    let connected = Number {
        id: number.id.clone(),
        organization: id.clone(),
        waba_id: number.account,
        display: number.display,
        assistant: Some(assistant),
    };
    setup::connect_number(platform, &connected, Some(&number.token)).await?;
    setup::token_changed(platform, &number.id).await?;
    templates::sync_by_itself(platform, &connected.waba_id).await?;
    Ok(id)
}

/// Every text in the folder by its file's name, in order of names.
fn knowledge(folder: &Path) -> anyhow::Result<Vec<(String, String)>> {
    let cannot = || format!("{} cannot be read", folder.display());
    let entries = fs::read_dir(folder).with_context(cannot)?;
    let mut files: Vec<PathBuf> =
        entries.map(|entry| entry.map(|entry| entry.path())).collect::<Result<_, _>>().with_context(cannot)?;
    files.retain(|file| file.extension().is_some_and(|extension| extension == "md"));
    files.sort();
    let text = |file: &PathBuf| -> anyhow::Result<(String, String)> {
        let name = file.file_stem().and_then(|name| name.to_str()).context("a file whose name is no text")?;
        let text = fs::read_to_string(file).with_context(|| format!("{} cannot be read", file.display()))?;
        Ok((name.to_owned(), text))
    };
    files.iter().map(text).collect()
}
