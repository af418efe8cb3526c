use std::path::{Path, PathBuf};
use std::process::Command;

use super::{folder, found_or, python, run, variable};
use crate::Error;

const WHAT: &str = "the Firestore emulator";

/// Where gcloud puts it.
const OF_GCLOUD: &str = "platform/cloud-firestore-emulator/cloud-firestore-emulator.jar";

/// What firebase-tools downloads: the last version that runs on Java 17, which is Debian's. The sum is that of the file as
/// others have pinned it too; Google publishes none.
const NAME: &str = "cloud-firestore-emulator-v1.19.8.jar";
const ADDRESS: &str =
    "https://storage.googleapis.com/firebase-preview-drop/emulator/cloud-firestore-emulator-v1.19.8.jar";
const SHA256: &str = "9d43599ed6151199e8d604dc87fac51218e49e5f3a48519b1ae560bbe5e3382d";

/// Fetches an address into a file that is there only once it is whole and is what it should be.
const FETCH: &str = r#"
import hashlib, os, sys, requests
address, file, expected = sys.argv[1:]
part, sum = file + ".part", hashlib.sha256()
with requests.get(address, stream=True, timeout=60) as answer, open(part, "wb") as out:
    answer.raise_for_status()
    for piece in answer.iter_content(1 << 20):
        sum.update(piece)
        out.write(piece)
if sum.hexdigest() != expected:
    sys.exit(f"{address} has the SHA-256 {sum.hexdigest()}, not {expected}")
os.rename(part, file)
"#;

/// The jar of the official emulator: the one that `PORFIN_FIRESTORE_EMULATOR` names, gcloud's or firebase-tools', or else a
/// download.
pub(crate) fn firestore_emulator() -> Result<PathBuf, Error> {
    if let Some(jar) = variable("PORFIN_FIRESTORE_EMULATOR") {
        if jar.is_file() {
            return Ok(jar);
        }
        let remedy = format!("PORFIN_FIRESTORE_EMULATOR names {}, which is no file", jar.display());
        return Err(Error::Missing { what: WHAT, remedy });
    }
    let ours = folder()?.join(NAME);
    let find = || of_gcloud().or_else(of_firebase).or_else(|| ours.is_file().then(|| ours.clone()));
    if let Some(jar) = find() {
        return Ok(jar);
    }
    // Before the lock is taken, which this takes too.
    let python = python::MOTO.programs()?.join("python");
    found_or(WHAT, find, || fetch(&python, ADDRESS, &ours, SHA256)).map_err(|error| {
        let remedy = format!(
            "install it with `gcloud components install cloud-firestore-emulator` or `firebase \
             setup:emulators:firestore`, or name its jar in PORFIN_FIRESTORE_EMULATOR; the download failed: {error}"
        );
        Error::Missing { what: WHAT, remedy }
    })
}

fn of_gcloud() -> Option<PathBuf> {
    let home = variable("HOME").map(|home| home.join("google-cloud-sdk"));
    let package = PathBuf::from("/usr/lib/google-cloud-sdk");
    let roots = [variable("CLOUDSDK_ROOT_DIR"), home, Some(package)];
    roots.into_iter().flatten().map(|root| root.join(OF_GCLOUD)).find(|jar| jar.is_file())
}

/// The version that we would fetch, else any.
fn of_firebase() -> Option<PathBuf> {
    let folder = variable("HOME")?.join(".cache/firebase/emulators");
    let ours = folder.join(NAME);
    let is_emulator = |file: &PathBuf| {
        let name = file.file_name().unwrap_or_default().to_string_lossy();
        name.starts_with("cloud-firestore-emulator-v") && name.ends_with(".jar")
    };
    let any = || std::fs::read_dir(folder).ok()?.flatten().map(|entry| entry.path()).find(is_emulator);
    if ours.is_file() { Some(ours) } else { any() }
}

fn fetch(python: &Path, address: &str, file: &Path, sha256: &str) -> Result<(), Error> {
    run(WHAT, Command::new(python).args(["-c", FETCH, address]).arg(file).arg(sha256))
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests")]
mod tests {
    use std::io::{Read, Write};
    use std::net::TcpListener;
    use std::thread;

    use super::*;

    /// The SHA-256 of `porfin`.
    const OF_PORFIN: &str = "d43791d6f6157a14d2b1b945cff461476c08eec3caccd9b9f68582781c51ab15";

    /// Answers one request with `porfin`.
    fn serve() -> String {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = format!("http://{}/a.jar", listener.local_addr().unwrap());
        thread::spawn(move || {
            let (mut stream, _) = listener.accept().unwrap();
            let read = stream.read(&mut [0; 4096]).unwrap();
            assert_ne!(read, 0);
            stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 6\r\nconnection: close\r\n\r\nporfin").unwrap();
        });
        address
    }

    #[test]
    fn what_is_fetched_is_kept_only_if_it_is_what_it_should_be() {
        let python = python::MOTO.programs().unwrap().join("python");
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("a.jar");
        let refused = fetch(&python, &serve(), &file, SHA256).unwrap_err().to_string();
        assert!(refused.contains(OF_PORFIN) && refused.contains(SHA256), "{refused}");
        assert!(!file.exists());
        fetch(&python, &serve(), &file, OF_PORFIN).unwrap();
        assert_eq!(std::fs::read(&file).unwrap(), b"porfin");
    }
}
