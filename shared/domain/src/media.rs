//! Files: what Meta takes and how much of it, and what became of those that customers sent.

use data_encoding::{BASE64, HEXLOWER_PERMISSIVE};

use crate::inbound::MediaKind;
use crate::{Span, Timestamp};

/// No file at Meta is larger.
pub const LARGEST: u64 = 100 * MIB;

/// How long Meta keeps a customer's file at most, and an upload of ours: nothing is asked for after that.
pub const KEPT_BY_META: Span = Span::from_days(30);

/// An upload is used again for so long: less than Meta keeps it, since a send may wait for a day.
pub const UPLOAD_USED: Span = Span::from_days(25);

/// How often it may go wrong in the same way before a file counts as lost.
pub const FEW_TRIES: u32 = 5;

/// The most bytes of a sticker that does not move.
const STILL_STICKER: u64 = 100 * KIB;

const MIB: u64 = 1 << 20;
const KIB: u64 = 1 << 10;

/// What Meta takes: the type, what it is sent as, and the most bytes of it.
const TYPES: &[(&str, MediaKind, u64)] = &[
    ("image/jpeg", MediaKind::Image, 5 * MIB),
    ("image/png", MediaKind::Image, 5 * MIB),
    ("image/webp", MediaKind::Sticker, 500 * KIB),
    ("audio/aac", MediaKind::Audio, 16 * MIB),
    ("audio/amr", MediaKind::Audio, 16 * MIB),
    ("audio/mpeg", MediaKind::Audio, 16 * MIB),
    ("audio/mp4", MediaKind::Audio, 16 * MIB),
    ("audio/ogg", MediaKind::Audio, 16 * MIB),
    ("video/mp4", MediaKind::Video, 16 * MIB),
    ("video/3gpp", MediaKind::Video, 16 * MIB),
    ("text/plain", MediaKind::Document, LARGEST),
    ("application/pdf", MediaKind::Document, LARGEST),
    ("application/msword", MediaKind::Document, LARGEST),
    ("application/vnd.ms-excel", MediaKind::Document, LARGEST),
    ("application/vnd.ms-powerpoint", MediaKind::Document, LARGEST),
    ("application/vnd.openxmlformats-officedocument.wordprocessingml.document", MediaKind::Document, LARGEST),
    ("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", MediaKind::Document, LARGEST),
    ("application/vnd.openxmlformats-officedocument.presentationml.presentation", MediaKind::Document, LARGEST),
];

/// What becomes of a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum MediaState {
    /// It is still at Meta.
    Pending {
        /// How often it was fetched in vain.
        tries: u32,
        /// When it is fetched again, should nobody be at it by then.
        due_at: Timestamp,
    },
    /// It is here.
    Stored {
        /// Its length in bytes.
        size: u64,
        /// Its SHA-256.
        sha256: [u8; 32],
    },
    /// It cannot be had any more.
    Unavailable(MediaLoss),
}

impl MediaState {
    /// The names of the states, as in the API.
    pub const NAMES: [&'static str; 3] = ["pending", "stored", "unavailable"];

    /// Its name, as in the API.
    pub fn as_str(&self) -> &'static str {
        match self {
            Self::Pending { .. } => "pending",
            Self::Stored { .. } => "stored",
            Self::Unavailable(_) => "unavailable",
        }
    }
}

/// Why a file cannot be had.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum MediaLoss {
    /// Meta named no file: it could not take it from the customer.
    NoFile,
    /// Meta has it no more.
    Gone,
    /// It could not be fetched for as long as Meta keeps it.
    Expired,
    /// It is larger than anything that Meta documents.
    TooLarge,
    /// What came is not what Meta says that was sent.
    Corrupt,
}

impl MediaLoss {
    /// Every one.
    pub const ALL: [Self; 5] = [Self::NoFile, Self::Gone, Self::Expired, Self::TooLarge, Self::Corrupt];

    /// Its name, as in the API.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::NoFile => "no_file",
            Self::Gone => "gone",
            Self::Expired => "expired",
            Self::TooLarge => "too_large",
            Self::Corrupt => "corrupt",
        }
    }

    /// The reason of this name.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|loss| loss.as_str() == name)
    }
}

/// How long to wait after so many tries.
pub fn pause(tries: u32) -> Span {
    match tries {
        0 | 1 => Span::from_minutes(2),
        2 => Span::from_minutes(5),
        3 => Span::from_minutes(15),
        4 => Span::from_hours(1),
        5 => Span::from_hours(3),
        6 => Span::from_hours(6),
        _ => Span::from_hours(12),
    }
}

/// A MIME type without its parameters, in lower case.
pub fn essence(mime_type: &str) -> String {
    mime_type.split(';').next().unwrap_or_default().trim().to_ascii_lowercase()
}

/// What Meta sends a file of this type as, and the most bytes of it. `None`: Meta does not take it.
pub fn sendable_as(mime_type: &str) -> Option<(MediaKind, u64)> {
    let essence = essence(mime_type);
    TYPES.iter().find(|(known, ..)| *known == essence).map(|(_, kind, most)| (*kind, *most))
}

/// The most bytes that Meta takes of this file: a sticker that does not move has fewer than one that does.
pub fn most_bytes(kind: MediaKind, usual: u64, begins: &[u8]) -> u64 {
    if kind == MediaKind::Sticker && !moves(begins) { STILL_STICKER } else { usual }
}

/// Whether a WebP file is animated: its extended header says so.
fn moves(begins: &[u8]) -> bool {
    begins.get(12..16) == Some(b"VP8X") && begins.get(20).is_some_and(|flags| flags & 0b10 != 0)
}

/// The types that Meta takes.
pub fn sendable_types() -> impl Iterator<Item = &'static str> {
    TYPES.iter().map(|(known, ..)| *known)
}

/// A SHA-256 as Meta writes it: base64 in webhooks, hexadecimal where it is asked about the file.
pub fn read_sha256(text: &str) -> Option<[u8; 32]> {
    let text = text.trim();
    let bytes = match text.len() {
        64 => HEXLOWER_PERMISSIVE.decode(text.as_bytes()).ok()?,
        _ => BASE64.decode(text.as_bytes()).ok()?,
    };
    bytes.try_into().ok()
}

/// A name under which a file may be saved anywhere: without folders, control characters and what systems forbid. One that
/// has no name is called after its kind and type.
pub fn file_name(given: Option<&str>, kind: MediaKind, mime_type: Option<&str>) -> String {
    let is_fine = |c: &char| !c.is_control() && !r#"/\:*?"<>|"#.contains(*c) && !is_direction(*c);
    let name: String = given.unwrap_or_default().chars().filter(is_fine).take(200).collect();
    let name = name.trim().trim_start_matches('.').trim();
    if !name.is_empty() {
        return name.to_owned();
    }
    match mime_type.map(essence).as_deref().and_then(extension) {
        Some(extension) => format!("{}.{extension}", kind.as_str()),
        None => kind.as_str().to_owned(),
    }
}

/// Characters that turn the direction of what follows: a name that is read otherwise than it is.
fn is_direction(c: char) -> bool {
    matches!(c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

fn extension(essence: &str) -> Option<&'static str> {
    Some(match essence {
        "image/jpeg" => "jpg",
        "image/png" => "png",
        "image/webp" => "webp",
        "audio/aac" => "aac",
        "audio/amr" => "amr",
        "audio/mpeg" => "mp3",
        "audio/mp4" => "m4a",
        "audio/ogg" => "ogg",
        "video/mp4" => "mp4",
        "video/3gpp" => "3gp",
        "text/plain" => "txt",
        "application/pdf" => "pdf",
        "application/msword" => "doc",
        "application/vnd.ms-excel" => "xls",
        "application/vnd.ms-powerpoint" => "ppt",
        "application/vnd.openxmlformats-officedocument.wordprocessingml.document" => "docx",
        "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet" => "xlsx",
        "application/vnd.openxmlformats-officedocument.presentationml.presentation" => "pptx",
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_type_goes_by_what_stands_before_its_parameters() {
        assert_eq!(sendable_as("audio/ogg; codecs=opus"), Some((MediaKind::Audio, 16 << 20)));
        assert_eq!(sendable_as(" Image/PNG "), Some((MediaKind::Image, 5 << 20)));
        assert_eq!(sendable_as("image/webp").map(|(kind, _)| kind), Some(MediaKind::Sticker));
        assert_eq!(sendable_as("text/html"), None);
        assert_eq!(sendable_as(""), None);
    }

    #[test]
    fn a_sticker_that_moves_may_be_larger() {
        let webp = |flags: u8| [b"RIFF____WEBPVP8X____".as_slice(), &[flags]].concat();
        let most = |begins: &[u8]| most_bytes(MediaKind::Sticker, 500 << 10, begins);
        assert_eq!((most(&webp(0b10)), most(&webp(0b1_0000)), most(b"")), (500 << 10, 100 << 10, 100 << 10));
        assert_eq!(most_bytes(MediaKind::Image, 5 << 20, b""), 5 << 20);
    }

    #[test]
    fn a_hash_is_read_in_both_of_metas_forms() {
        let hash = [0xab; 32];
        assert_eq!(read_sha256(&BASE64.encode(&hash)), Some(hash));
        assert_eq!(read_sha256(&"ab".repeat(32)), Some(hash));
        assert_eq!(read_sha256(&"AB".repeat(32)), Some(hash));
        assert_eq!(read_sha256("ab"), None);
        assert_eq!(read_sha256(&"zz".repeat(32)), None);
    }

    #[test]
    fn a_file_is_saved_where_it_should_be_and_nowhere_else() {
        let name = |given: &str| file_name(Some(given), MediaKind::Document, Some("application/pdf"));
        assert_eq!(name("Orçamento 2026.pdf"), "Orçamento 2026.pdf");
        assert_eq!(name("../../etc/passwd"), "etcpasswd");
        assert_eq!(name("..\\a\r\nSet-Cookie: b"), "aSet-Cookie b");
        assert_eq!(name("a\"; filename=\"b.exe"), "a; filename=b.exe");
        assert_eq!(name("cod\u{202e}fdp.exe"), "codfdp.exe");
        assert_eq!(name(" ... "), "document.pdf");
        assert_eq!(name(&"a".repeat(500)).len(), 200);
        assert_eq!(file_name(None, MediaKind::Audio, Some("audio/ogg; codecs=opus")), "audio.ogg");
        assert_eq!(file_name(None, MediaKind::Image, None), "image");
    }

    #[test]
    fn pauses_grow_and_end_within_half_a_day() {
        let pauses: Vec<_> = (0..20).map(pause).collect();
        assert!(pauses.windows(2).all(|pair| pair[0] <= pair[1]));
        assert_eq!(pauses.last(), Some(&Span::from_hours(12)));
    }

    #[test]
    fn names_lead_back() {
        for loss in MediaLoss::ALL {
            assert_eq!(MediaLoss::parse(loss.as_str()), Some(loss));
        }
    }
}
