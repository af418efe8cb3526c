//! Starting the program: what it needs, what it refuses, and what it says.

use std::net::TcpListener;
use std::os::unix::fs::PermissionsExt;

use crate::meta::{ACCOUNT, NUMBER};
use crate::program::{Home, Program};
use crate::webhook::SECRET;
use crate::world::{VERIFY_TOKEN, World};

#[tokio::test]
async fn a_start_says_what_to_try_and_leaves_what_other_programs_need() {
    let world = World::without_model().await;
    let file = world.home.local_json();
    assert_eq!(world.url(""), file["base_url"].as_str().unwrap());
    for (member, expected) in
        [("phone_number_id", NUMBER), ("waba_id", ACCOUNT), ("verify_token", VERIFY_TOKEN), ("app_secret", SECRET)]
    {
        assert_eq!(file[member], expected);
    }
    assert!(file["organization_id"].as_str().unwrap().starts_with("org_"));
    let mode = std::fs::metadata(world.home.data_dir().join("local.json")).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    for path in ["/health", "/health/live", "/health/ready"] {
        assert_eq!(world.get(path).await.status, 200, "{path}");
    }
    world.log.says("cargo run -- chat").await;
    world.log.says(file["api_key"].as_str().unwrap()).await;
}

#[tokio::test]
async fn a_second_program_on_the_same_data_is_refused_and_the_first_goes_on() {
    let world = World::without_model().await;
    let before = world.home.local_json();
    let (code, said) = Program::refused(&world.home, world.variables()).await;
    assert_eq!(code, Some(1), "{said}");
    let data_dir = world.home.data_dir();
    assert!(said.contains("another process uses the data directory"), "{said}");
    assert!(said.contains(data_dir.to_str().unwrap()), "{said}");
    assert_eq!(world.home.local_json(), before);
    assert_eq!(world.get("/health").await.status, 200);
}

#[tokio::test]
async fn a_taken_port_is_refused_by_its_number() {
    let home = Home::new();
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port().to_string();
    let (code, said) = Program::refused(&home, [("PORT", port.as_str())]).await;
    assert_eq!(code, Some(1), "{said}");
    assert!(said.contains(&format!("port {port} on 127.0.0.1 is taken")) && said.contains("PORT"), "{said}");
    assert!(!home.path().join(".porfin").exists(), "nothing was made");
}

#[tokio::test]
async fn wrong_settings_are_all_named_and_no_secret_is_shown() {
    let home = Home::new();
    let wrong = [
        ("PORT", "eighty"),
        ("WHATSAPP_API_BASE_URL", "graph.example"),
        ("WHATSAPP_API_VERSION", "twenty"),
        ("REPLY_DEBOUNCE_SECONDS", "-1"),
        ("APP_ENV", "moon"),
        ("PORFIN_ID_KEY", "hunter2hunter2"),
        ("WHATSAPP_APP_SECRET", "with space hunter2"),
        ("OPENAI_BASE_URL", "ftp://model.example"),
    ];
    let (code, said) = Program::refused(&home, wrong).await;
    assert_eq!(code, Some(1), "{said}");
    for (name, _) in wrong {
        assert!(said.contains(name), "{name} is not named:\n{said}");
    }
    assert!(said.contains("eighty") && !said.contains("hunter2"), "{said}");
    let (code, said) = Program::refused(&home, [("WHATSAPP_API_BASE_URL", "http://127.0.0.1:1/graph")]).await;
    assert_eq!(code, Some(1), "{said}");
    assert!(said.contains("WHATSAPP_ACCESS_TOKEN"), "{said}");
}

#[tokio::test]
async fn settings_are_read_from_a_file_and_the_environment_wins() {
    let home = Home::new();
    let file = "# a comment\nPORT=0\nPORFIN_DATA_DIR=elsewhere\nexport WHATSAPP_VERIFY_TOKEN=\"from-the-file\"\n\
                WHATSAPP_APP_SECRET='file-secret'\n";
    std::fs::write(home.path().join(".env"), file).unwrap();
    let program = Program::start(&home, [("WHATSAPP_APP_SECRET", "environment-secret")]).await;
    let bytes = std::fs::read(home.path().join("elsewhere/local.json")).unwrap();
    let local: serde_json::Value = serde_json::from_slice(&bytes).unwrap();
    assert_eq!(local["verify_token"], "from-the-file");
    assert_eq!(local["app_secret"], "environment-secret");
    program.kill().await;

    std::fs::write(home.path().join(".env"), "PORT=0\nthis is = no line hunter2 'x\n").unwrap();
    let (code, said) = Program::refused(&home, []).await;
    assert_eq!(code, Some(1), "{said}");
    assert!(said.contains(".env") && said.contains("PORT") && !said.contains("hunter2"), "{said}");
}
