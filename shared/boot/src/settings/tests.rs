#![allow(clippy::unwrap_used, reason = "tests")]

use std::fmt::Debug;
use std::path::PathBuf;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use domain::Span;
use secrecy::ExposeSecret;

use super::{AppEnv, Environment, Kind};

/// What the variable's text is as this kind, or the complaint about it.
fn parsed<T: Debug>(kind: Kind<T>, text: &str) -> Result<T, String> {
    let environment = Environment::from_pairs([("THIS", text)]);
    environment.read(|read| read.required("THIS", kind)).map_err(|error| error.to_string())
}

fn is_refused<T: Debug>(kind: Kind<T>, texts: &[&str]) {
    for text in texts {
        let complaint = parsed(kind, text).unwrap_err();
        assert!(complaint.contains("THIS: found ") && complaint.contains("; expected "), "{complaint}");
    }
}

#[test]
fn everything_wrong_is_reported_at_once_by_name() {
    let environment = Environment::from_pairs([("PORT", "70000"), ("DEBUG", "maybe"), ("HOST", "::1")]);
    let error = environment
        .read(|read| {
            let port = read.or("PORT", Kind::PORT, 8000);
            let host = read.or("HOST", Kind::TEXT, "127.0.0.1".to_owned());
            let debug = read.or("DEBUG", Kind::FLAG, false);
            let secrets = read.required("WHATSAPP_APP_SECRET", Kind::SECRETS);
            Some((port?, host?, debug?, secrets?))
        })
        .unwrap_err();
    assert_eq!(
        error.to_string(),
        "3 settings are wrong:\n  \
         PORT: found \"70000\"; expected a port from 0 to 65535\n  \
         DEBUG: found \"maybe\"; expected true or false\n  \
         WHATSAPP_APP_SECRET: found nothing; expected secret texts without spaces, comma-separated: current, previous"
    );
}

#[test]
fn the_value_of_a_wrong_secret_is_not_shown() {
    let complaints = [
        parsed(Kind::KEY, "hunter2").unwrap_err(),
        parsed(Kind::SECRET, "hunter2 hunter2").unwrap_err(),
        parsed(Kind::SECRETS, "hunter2,").unwrap_err(),
        parsed(Kind::URL, "https://me:hunter2@graph.facebook.com").unwrap_err(),
        parsed(Kind::URL, "https://graph.facebook.com?token=hunter2").unwrap_err(),
    ];
    for complaint in complaints {
        assert!(!complaint.contains("hunter2") && complaint.contains("which are not shown"), "{complaint}");
    }
    let shown = format!("{:?} {:?}", parsed(Kind::SECRETS, "hunter2,hunter3"), parsed(Kind::SECRET, "hunter2"));
    assert!(!shown.contains("hunter"), "{shown}");
}

#[test]
fn a_long_wrong_value_is_cut_and_its_control_characters_are_escaped() {
    let complaint = parsed(Kind::PORT, &format!("\u{1b}[2J{}", "9".repeat(500))).unwrap_err();
    assert!(complaint.contains("(504 characters)") && complaint.len() < 250, "{complaint}");
    assert!(!complaint.contains('\u{1b}'), "{complaint}");
}

#[test]
fn a_variable_set_to_nothing_counts_as_not_set() {
    let environment = Environment::from_pairs([("PORT", "  ")]);
    assert_eq!(environment.read(|read| read.or("PORT", Kind::PORT, 8000)), Ok(8000));
    assert_eq!(environment.read(|read| read.optional("PORT", Kind::PORT)), Ok(None));
    assert!(environment.read(|read| read.required("PORT", Kind::PORT)).is_err());
}

#[test]
fn keys_and_secrets_rotate_as_current_and_previous() {
    let (one, two) = (STANDARD.encode([1; 32]), STANDARD.encode([2; 32]));
    let keys = parsed(Kind::KEYS, &format!("{one}, {two}")).unwrap();
    assert_eq!((keys.current, keys.previous.as_slice()), ([1; 32], [[2; 32]].as_slice()));
    assert_eq!(parsed(Kind::KEYS, &one).unwrap().into_all(), [[1; 32]]);
    let secrets = parsed(Kind::SECRETS, "new,old").unwrap().into_all();
    assert_eq!(secrets.iter().map(ExposeSecret::expose_secret).collect::<Vec<_>>(), ["new", "old"]);
    let short = STANDARD.encode([1; 31]);
    is_refused(Kind::KEYS, &[&short, &format!("{one},{short}"), &format!("{one},"), ",", &one[1..]]);
    is_refused(Kind::KEY, &[&short, &format!("{one},{two}"), "not base64 at all"]);
}

#[test]
fn each_kind_takes_what_it_names_and_refuses_the_rest() {
    assert_eq!(parsed(Kind::URL, "http://127.0.0.1:9/v1/").unwrap().as_str(), "http://127.0.0.1:9/v1/");
    is_refused(Kind::URL, &["graph.facebook.com", "ftp://h", "http://", "https://h/#x", "https://u@h", "https://h?q"]);
    assert_eq!(parsed(Kind::DELAY_SECONDS, "2"), Ok(Span::from_seconds(2)));
    is_refused(Kind::DELAY_SECONDS, &["-1", "901", "2s", "0.5"]);
    assert_eq!(parsed(Kind::ROUTE, "/api/v1").as_deref(), Ok("/api/v1"));
    is_refused(Kind::ROUTE, &["/", "api", "/api/", "//", "/a b", "/{id}", "/é"]);
    assert_eq!((parsed(Kind::FLAG, "TRUE"), parsed(Kind::FLAG, "off")), (Ok(true), Ok(false)));
    is_refused(Kind::FLAG, &["2", "ja"]);
    assert_eq!(parsed(Kind::PATH, " .porfin "), Ok(PathBuf::from(".porfin")));
    is_refused(Kind::PORT, &["-1", "65536", "80a"]);
}

#[test]
fn the_place_where_it_runs_is_one_of_three() {
    let place = |pairs: &[(&str, &str)]| Environment::from_pairs(pairs.iter().copied()).read(AppEnv::read);
    assert_eq!(place(&[]), Ok(AppEnv::Development));
    assert_eq!(place(&[("APP_ENV", "staging")]), Ok(AppEnv::Staging));
    assert_eq!(place(&[("APP_ENV", "production")]), Ok(AppEnv::Production));
    assert!(place(&[("APP_ENV", "prod")]).unwrap_err().to_string().contains("APP_ENV: found \"prod\""));
}

#[test]
fn the_caller_can_report_what_does_not_fit_together() {
    let error = Environment::from_pairs([("A", "1")]).read(|read| {
        read.wrong("B", "nothing", "a value, since A is set");
        Some(())
    });
    assert_eq!(
        error.unwrap_err().to_string(),
        "one setting is wrong:\n  B: found nothing; expected a value, since A is set"
    );
}

#[test]
fn the_file_fills_what_the_process_did_not_set() {
    let file = tempfile::NamedTempFile::new().unwrap();
    let text =
        "# a comment\nPORT=9000\nexport HOST='127.0.0.2' # another\n\nOPENAI_MODEL=\"a b\"\nPORFIN_ID_KEY=AAA=\n";
    std::fs::write(&file, text).unwrap();
    let environment = Environment::from_pairs([("PORT", "8001")]).and_file(file.path()).unwrap();
    let value = |name: &str| environment.read(|read| read.required(name, Kind::TEXT)).unwrap();
    assert_eq!(value("PORT"), "8001");
    assert_eq!(value("HOST"), "127.0.0.2");
    assert_eq!(value("OPENAI_MODEL"), "a b");
    assert_eq!(value("PORFIN_ID_KEY"), "AAA=");
}

#[test]
fn no_file_is_no_error_and_a_broken_one_is_named_without_its_secrets() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join(".env");
    assert!(Environment::from_pairs([("A", "1")]).and_file(&file).is_ok());
    std::fs::write(&file, "PORT=9000\nOPENAI_API_KEY hunter2\n").unwrap();
    let complaint = Environment::from_pairs([("A", "1")]).and_file(&file).err().unwrap().to_string();
    assert!(complaint.contains(".env: found something else after PORT"), "{complaint}");
    assert!(!complaint.contains("hunter2"), "{complaint}");
}

#[cfg(unix)]
#[test]
fn the_process_is_read_as_it_was_started() {
    let environment = Environment::of_process();
    assert!(environment.read(|read| read.required("PATH", Kind::TEXT)).is_ok());
}

#[test]
fn variables_that_begin_alike_are_found_and_replaced() {
    let mut environment = Environment::from_pairs([("A", " secret:one "), ("B", "two")]);
    assert_eq!(environment.beginning_with("secret:").collect::<Vec<_>>(), [("A", "one")]);
    environment.set("A", "1");
    assert_eq!(environment.read(|read| read.required("A", Kind::TEXT)), Ok("1".to_owned()));
}

#[test]
fn the_names_that_are_asked_for_are_known_without_any_value() {
    let names = Environment::names(|read| {
        let (host, port) = (read.required("HOST", Kind::TEXT), read.or("PORT", Kind::PORT, 1));
        Some((host?, port?))
    });
    assert_eq!(names.into_iter().collect::<Vec<_>>(), ["HOST", "PORT"]);
}
