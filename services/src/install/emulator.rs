use std::path::PathBuf;

use super::{found_or, variable};
use crate::Error;

const JAR: &str = "platform/cloud-firestore-emulator/cloud-firestore-emulator.jar";

/// The jar of the official Firestore emulator.
pub(crate) fn firestore_emulator() -> Result<PathBuf, Error> {
    if let Some(jar) = variable("PORFIN_FIRESTORE_EMULATOR") {
        if jar.is_file() {
            return Ok(jar);
        }
        let remedy = format!("PORFIN_FIRESTORE_EMULATOR names {}, which is no file", jar.display());
        return Err(Error::Missing { what: "the Firestore emulator", remedy });
    }
    found_or(
        || installed_by_gcloud().or_else(fetched_by_firebase),
        || {
            let remedy = "install it with `gcloud components install cloud-firestore-emulator`, or name its jar in \
                          PORFIN_FIRESTORE_EMULATOR";
            Err(Error::Missing { what: "the Firestore emulator", remedy: remedy.into() })
        },
    )
}

fn installed_by_gcloud() -> Option<PathBuf> {
    let home = variable("HOME").map(|home| home.join("google-cloud-sdk"));
    let packaged = PathBuf::from("/usr/lib/google-cloud-sdk");
    let roots = [variable("CLOUDSDK_ROOT_DIR"), home, Some(packaged)];
    roots.into_iter().flatten().map(|root| root.join(JAR)).find(|jar| jar.is_file())
}

fn fetched_by_firebase() -> Option<PathBuf> {
    let folder = variable("HOME")?.join(".cache/firebase/emulators");
    let files = std::fs::read_dir(folder).ok()?.flatten().map(|entry| entry.path());
    let is_emulator = |file: &PathBuf| {
        let name = file.file_name().unwrap_or_default().to_string_lossy();
        name.starts_with("cloud-firestore-emulator-v") && name.ends_with(".jar")
    };
    files.filter(is_emulator).max()
}
