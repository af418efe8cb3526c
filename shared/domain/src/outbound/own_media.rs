//! Files of ours in a content: which it names, and how it reads once they are at Meta.

use std::collections::HashMap;

use serde_json::Value;

use super::{Header, MediaSource, OutboundContent};
use crate::MediaId;
use crate::inbound::MediaKind;

/// A file of ours that a content names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NamedMedia {
    /// Where: a JSON pointer into the content.
    pub pointer: String,
    /// Which file.
    pub id: MediaId,
    /// What it is sent as.
    pub kind: Option<MediaKind>,
}

/// What a file is called in a template's parameters: ours in place of Meta's `id` or a `link`.
const MEMBER: &str = "media_id";

impl OutboundContent {
    /// The files of ours that it names.
    pub fn own_media(&self) -> Vec<NamedMedia> {
        let named = |pointer: &str, source: &MediaSource, kind| match source {
            MediaSource::MediaId(id) => {
                vec![NamedMedia { pointer: pointer.to_owned(), id: id.clone(), kind: Some(kind) }]
            }
            MediaSource::Id(_) | MediaSource::Link(_) => Vec::new(),
        };
        match self {
            Self::Media { kind, source, .. } => named("/source/media_id", source, *kind),
            Self::Buttons { header: Some(Header::Media(media)), .. }
            | Self::CtaUrl { header: Some(Header::Media(media)), .. } => {
                named("/header/source/media_id", &media.source, media.kind)
            }
            Self::Template { components, .. } => in_template(components).collect(),
            _ => Vec::new(),
        }
    }

    /// The content with Meta's ids in place of ours. What is not among them stays as it is.
    #[must_use]
    pub fn with_meta_ids(&self, ids: &HashMap<MediaId, String>) -> Self {
        let replace = |source: &mut MediaSource| {
            if let MediaSource::MediaId(id) = source
                && let Some(meta_id) = ids.get(id)
            {
                *source = MediaSource::Id(meta_id.clone());
            }
        };
        let mut content = self.clone();
        match &mut content {
            Self::Media { source, .. } => replace(source),
            Self::Buttons { header: Some(Header::Media(media)), .. }
            | Self::CtaUrl { header: Some(Header::Media(media)), .. } => replace(&mut media.source),
            Self::Template { components, .. } => {
                for named in in_template(components).collect::<Vec<_>>() {
                    let pointer = named.pointer.trim_start_matches("/components");
                    let Some((parent, _)) = pointer.rsplit_once('/') else { continue };
                    let (Some(meta_id), Some(Value::Object(file))) = (ids.get(&named.id), at(components, parent))
                    else {
                        continue;
                    };
                    file.remove(MEMBER);
                    file.insert("id".to_owned(), Value::String(meta_id.clone()));
                }
            }
            _ => {}
        }
        content
    }
}

/// The value at a pointer into a list.
fn at<'a>(components: &'a mut [Value], pointer: &str) -> Option<&'a mut Value> {
    let (index, rest) = pointer.strip_prefix('/')?.split_once('/')?;
    components.get_mut(index.parse::<usize>().ok()?)?.pointer_mut(&format!("/{rest}"))
}

/// The files of ours that a template's parameters name. An id that is none of ours names no file, and says so when it is
/// looked for.
fn in_template(components: &[Value]) -> impl Iterator<Item = NamedMedia> + '_ {
    let parameters = components.iter().enumerate().flat_map(|(i, component)| {
        let parameters = component.get("parameters").and_then(Value::as_array).into_iter().flatten();
        parameters.enumerate().map(move |(j, parameter)| (i, j, parameter))
    });
    parameters.flat_map(|(i, j, parameter)| {
        MediaKind::ALL.into_iter().filter_map(move |kind| {
            let id = parameter.get(kind.as_str())?.get(MEMBER)?.as_str()?;
            let pointer = format!("/components/{i}/parameters/{j}/{}/{MEMBER}", kind.as_str());
            Some(NamedMedia { pointer, id: id.parse().ok()?, kind: Some(kind) })
        })
    })
}

/// Where a template's parameters name a file by what is no id of ours.
pub(super) fn wrong_in_template(components: &[Value]) -> Vec<String> {
    let mut wrong = Vec::new();
    for (i, component) in components.iter().enumerate() {
        let parameters = component.get("parameters").and_then(Value::as_array).into_iter().flatten();
        for (j, parameter) in parameters.enumerate() {
            for kind in MediaKind::ALL {
                let named = parameter.get(kind.as_str()).and_then(|file| file.get(MEMBER));
                let is_id = |named: &Value| named.as_str().is_some_and(|id| id.parse::<MediaId>().is_ok());
                if named.is_some_and(|named| !is_id(named)) {
                    wrong.push(format!("/components/{i}/parameters/{j}/{}/{MEMBER}", kind.as_str()));
                }
            }
        }
    }
    wrong
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use serde_json::json;

    use super::*;

    fn content(json: Value) -> OutboundContent {
        serde_json::from_value(json).unwrap()
    }

    #[test]
    fn a_file_of_ours_is_found_and_replaced_wherever_it_stands() {
        let id = MediaId::from_bits([1; 16]);
        let ids = HashMap::from([(id.clone(), "9001".to_owned())]);
        for (ours, pointer, at_meta) in [
            (
                json!({"type": "media", "kind": "image", "source": {"media_id": id.as_str()}, "voice": false}),
                "/source/media_id",
                json!({"type": "media", "kind": "image", "source": {"id": "9001"}, "voice": false}),
            ),
            (
                json!({"type": "buttons", "body": "b", "buttons": [{"id": "1", "title": "Sim"}],
                       "header": {"kind": "image", "source": {"media_id": id.as_str()}}}),
                "/header/source/media_id",
                json!({"type": "buttons", "body": "b", "buttons": [{"id": "1", "title": "Sim"}],
                       "header": {"kind": "image", "source": {"id": "9001"}}}),
            ),
            (
                json!({"type": "template", "name": "a", "language": "pt_BR", "category": "utility", "components": [
                    {"type": "body", "parameters": [{"type": "text", "text": "x"}]},
                    {"type": "header", "parameters": [{"type": "image", "image": {"media_id": id.as_str()}}]}]}),
                "/components/1/parameters/0/image/media_id",
                json!({"type": "template", "name": "a", "language": "pt_BR", "category": "utility", "components": [
                    {"type": "body", "parameters": [{"type": "text", "text": "x"}]},
                    {"type": "header", "parameters": [{"type": "image", "image": {"id": "9001"}}]}]}),
            ),
        ] {
            let ours = content(ours);
            let named = ours.own_media();
            assert_eq!(named.len(), 1);
            assert_eq!(
                (named[0].pointer.as_str(), &named[0].id, named[0].kind),
                (pointer, &id, Some(MediaKind::Image))
            );
            assert_eq!(ours.with_meta_ids(&ids), content(at_meta.clone()));
            assert_eq!(content(at_meta).own_media(), []);
        }
    }

    #[test]
    fn what_is_no_id_of_ours_is_wrong() {
        let components = json!([{"type": "header", "parameters": [{"type": "image", "image": {"media_id": "9001"}}]}]);
        let template = json!({"type": "template", "name": "a", "language": "pt_BR", "category": "utility",
                              "components": components});
        let wrong: Vec<_> = content(template).validate().into_iter().map(|error| error.pointer).collect();
        assert_eq!(wrong, ["/components/0/parameters/0/image/media_id"]);
        let media = json!({"type": "media", "kind": "image", "source": {"media_id": "9001"}});
        assert!(serde_json::from_value::<OutboundContent>(media).is_err());
    }
}
