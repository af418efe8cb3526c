use std::collections::BTreeSet;
use std::process::Command;

use super::document::{FUNCTIONS, root};
use super::functions::Variables;

/// What a function's binary is built of, as it is deployed: the names of all crates, procedural macros and what only builds
/// left out.
fn linked(function: &str) -> BTreeSet<String> {
    let tree = ["tree", "--offline", "--package", function, "--features", "lambda", "--edges", "normal,no-proc-macro"];
    let output = Command::new(env!("CARGO"))
        .args(tree)
        .args(["--prefix", "none", "--format", "{p}"])
        .current_dir(root())
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let names = String::from_utf8(output.stdout).unwrap();
    names.lines().filter_map(|line| Some(line.split_once(' ')?.0.to_owned())).collect()
}

#[test]
fn a_function_links_one_tls_stack_and_nothing_of_the_laptop() {
    for function in FUNCTIONS {
        let linked = linked(function);
        for needed in ["rustls", "aws-lc-rs", "tokio", "flow"] {
            assert!(linked.contains(needed), "{function} is without {needed}: does the search find what is linked?");
        }
        let other_stacks = ["ring", "openssl", "openssl-sys", "native-tls", "boring", "async-std", "smol", "ureq"];
        let of_the_laptop = ["embedded", "rusqlite", "libsqlite3-sys", "local", "demo", "harness", "services", "tests"];
        for foreign in other_stacks.iter().chain(&of_the_laptop) {
            assert!(!linked.contains(*foreign), "{function} links {foreign}");
        }
    }
}

#[test]
fn a_function_links_the_services_whose_settings_it_reads_and_no_others() {
    let services = [
        ("firestore-documents", "FIREBASE_CREDENTIALS"),
        ("dynamodb-items", "PORFIN_ITEMS_TABLE"),
        ("s3-blobs", "PORFIN_BLOBS_BUCKET"),
        ("redis-limiter", "REDIS_URL"),
        ("openai", "OPENAI_API_KEY"),
    ];
    for (function, variables) in Variables::read().functions {
        let linked = linked(&function);
        for (service, variable) in services {
            assert_eq!(linked.contains(service), variables.contains(variable), "{function} and {service}");
        }
        let reads_a_queue = variables.iter().any(|variable| variable.starts_with("PORFIN_QUEUE_"));
        assert_eq!(linked.contains("sqs-queues"), reads_a_queue, "{function} and sqs-queues");
    }
}
