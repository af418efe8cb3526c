#![allow(clippy::unwrap_used, reason = "tests")]

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use cargo_metadata::{DependencyKind, Metadata, MetadataCommand, Package, PackageId};

/// What a crate is in the direction of imports.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Layer {
    Domain,
    Flow,
    Boot,
    /// How adapters reach AWS.
    Aws,
    /// Puts adapters together for the functions' binaries.
    Cloud,
    /// The organization that a first start makes.
    Demo,
    /// Speaks with one service of the outside.
    Adapter,
    /// The laptop's stores: an adapter that no function may know of.
    Embedded,
    Function,
    /// What AWS does around the functions, on one machine.
    Harness,
    Local,
    /// What an operator runs against a deployment.
    Operate,
    /// Starts the services that tests and developers need.
    Services,
    Tests,
    Xtask,
}

use Layer::{
    Adapter, Aws, Boot, Cloud, Demo, Domain, Embedded, Flow, Function, Harness, Local, Operate, Services, Tests, Xtask,
};

impl Layer {
    const ALL: [Self; 15] = [
        Domain, Flow, Boot, Aws, Adapter, Cloud, Demo, Embedded, Function, Harness, Local, Operate, Services, Tests,
        Xtask,
    ];

    fn of(package: &Package) -> Self {
        let folder = package.manifest_path.parent().unwrap();
        let group = folder.parent().and_then(|parent| parent.file_name());
        match (group, folder.file_name()) {
            (Some("shared"), Some("domain")) => Domain,
            (Some("shared"), Some("flow")) => Flow,
            (Some("shared"), Some("boot")) => Boot,
            (Some("shared"), Some("aws")) => Aws,
            (Some("shared"), Some("cloud")) => Cloud,
            (Some("shared"), Some("demo")) => Demo,
            (Some("shared"), Some("embedded")) => Embedded,
            (Some("shared"), Some(_)) => Adapter,
            (Some("functions"), Some(_)) => Function,
            (_, Some("harness")) => Harness,
            (_, Some("local")) => Local,
            (_, Some("operate")) => Operate,
            (_, Some("services")) => Services,
            (_, Some("tests")) => Tests,
            (_, Some("xtask")) => Xtask,
            other => panic!("a crate in a place that the layout does not know: {other:?}"),
        }
    }

    /// An adapter's own tests run the contract suites over the service that it speaks with, beside the embedded adapter.
    fn may_test_with(self, other: Self) -> bool {
        match self {
            Adapter => matches!(other, Tests | Services | Embedded),
            Cloud | Operate => other == Services,
            _ => false,
        }
    }

    fn may_import(self, other: Self) -> bool {
        match self {
            Domain | Services => false,
            Xtask => other == Services,
            Flow => other == Domain,
            Demo | Embedded | Boot | Aws => matches!(other, Domain | Flow),
            Adapter => matches!(other, Domain | Flow | Aws),
            Cloud => matches!(other, Domain | Flow | Boot | Aws | Adapter),
            Function => matches!(other, Domain | Flow | Boot | Cloud | Adapter),
            // It starts the functions' binaries and knows none of their code.
            Operate => matches!(other, Domain | Flow | Boot | Adapter | Cloud),
            Harness => matches!(other, Domain | Flow | Boot | Aws | Adapter | Cloud | Demo | Services),
            Local | Tests => !matches!(other, Harness | Local | Operate | Tests | Xtask),
        }
    }
}

/// The whole graph, for this machine's target only: other targets' crates need not have been fetched.
fn workspace() -> Metadata {
    let version = Command::new("rustc").arg("-vV").output().unwrap();
    let version = String::from_utf8(version.stdout).unwrap();
    let host = version.lines().find_map(|line| line.strip_prefix("host: ")).unwrap();
    let options = ["--offline", "--filter-platform", host].map(str::to_owned);
    MetadataCommand::new().manifest_path(root().join("Cargo.toml")).other_options(options).exec().unwrap()
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().to_owned()
}

/// The files of the repository: what is not built, fetched, made by a run, or git's own.
fn files() -> Vec<PathBuf> {
    fn walk(folder: &Path, files: &mut Vec<PathBuf>) {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            let name = path.file_name().unwrap().to_string_lossy().into_owned();
            let is_ours =
                !name.starts_with('.') || [".ci", ".config", ".cargo", ".env.example"].contains(&name.as_str());
            if !is_ours || name == "target" {
                continue;
            }
            if path.is_dir() {
                walk(&path, files);
            } else {
                files.push(path);
            }
        }
    }
    let mut files_found = Vec::new();
    walk(&root(), &mut files_found);
    files_found
}

#[test]
fn imports_run_one_way() {
    let metadata = workspace();
    let layers: BTreeMap<&str, Layer> =
        metadata.workspace_packages().iter().map(|package| (package.name.as_str(), Layer::of(package))).collect();
    for layer in Layer::ALL {
        assert!(layers.values().any(|found| *found == layer), "no crate is {layer:?}");
    }
    let mut wrong = Vec::new();
    for package in metadata.workspace_packages() {
        let layer = layers[package.name.as_str()];
        for dependency in &package.dependencies {
            let Some(&imported) = layers.get(dependency.name.as_str()) else { continue };
            let proves = dependency.kind == DependencyKind::Development && layer.may_test_with(imported);
            if !proves && !layer.may_import(imported) {
                wrong.push(format!("{} ({layer:?}) imports {} ({imported:?})", package.name, dependency.name));
            }
        }
    }
    assert_eq!(wrong, Vec::<String>::new());
}

#[test]
fn the_rules_of_imports_forbid_what_they_are_for() {
    for layer in Layer::ALL {
        assert!(!Domain.may_import(layer), "domain imports nothing of ours");
        assert!(!layer.may_import(Tests) && !layer.may_import(Xtask) && !layer.may_import(Local));
        assert!(!layer.may_import(Harness));
    }
    for adapter in [Adapter, Embedded] {
        assert!(!Flow.may_import(adapter), "flow imports no adapter");
        assert!(!adapter.may_import(Adapter) && !adapter.may_import(Embedded), "no adapter imports another");
        assert!(!adapter.may_import(Boot), "adapters are handed their settings");
    }
    assert!(!Function.may_import(Embedded) && !Function.may_import(Function), "functions stand alone");
    assert!(Function.may_import(Adapter) && Local.may_import(Function) && Tests.may_import(Embedded));
}

#[test]
fn the_local_program_needs_nothing_of_the_cloud() {
    let metadata = workspace();
    let nodes: BTreeMap<_, _> = metadata.resolve.as_ref().unwrap().nodes.iter().map(|node| (&node.id, node)).collect();
    let local = metadata.workspace_packages().into_iter().find(|package| Layer::of(package) == Local).unwrap();
    let mut reached: BTreeSet<&PackageId> = BTreeSet::new();
    let mut open = vec![&local.id];
    while let Some(id) = open.pop() {
        if reached.insert(id) {
            let built_in = nodes[id]
                .deps
                .iter()
                .filter(|dependency| dependency.dep_kinds.iter().any(|kind| kind.kind != DependencyKind::Development));
            open.extend(built_in.map(|dependency| &dependency.pkg));
        }
    }
    let names: BTreeSet<&str> = reached.into_iter().map(|id| metadata[id].name.as_str()).collect();
    assert!(names.contains("embedded") && names.contains("rusqlite"), "the walk reaches what it should: {names:?}");
    let of_the_cloud = |name: &&&str| {
        ["aws-sdk", "aws-config", "aws-smithy", "firestore", "gcloud", "tonic", "redis"]
            .iter()
            .any(|prefix| name.starts_with(prefix))
    };
    assert_eq!(names.iter().find(of_the_cloud), None);
}

/// The crates of which a function's binary is built as it is deployed; procedural macros and what only builds left out.
fn linked(function: &str) -> BTreeSet<String> {
    let output = Command::new(env!("CARGO"))
        .args(["tree", "--offline", "--package", function, "--features", "lambda"])
        .args(["--edges", "normal,no-proc-macro", "--prefix", "none", "--format", "{p}"])
        .current_dir(root())
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let packages = String::from_utf8(output.stdout).unwrap();
    packages.lines().filter_map(|package| Some(package.split_once(' ')?.0.to_owned())).collect()
}

#[test]
fn a_function_links_one_tls_stack_and_the_services_whose_settings_it_reads() {
    let other_stacks = ["ring", "openssl", "openssl-sys", "native-tls", "boring", "async-std", "smol", "ureq"];
    let of_the_laptop = ["embedded", "rusqlite", "libsqlite3-sys", "local", "demo", "harness", "services", "tests"];
    let services = [
        ("firestore-documents", "FIREBASE_CREDENTIALS"),
        ("dynamodb-items", "PORFIN_ITEMS_TABLE"),
        ("s3-blobs", "PORFIN_BLOBS_BUCKET"),
        ("redis-limiter", "REDIS_URL"),
        ("openai", "OPENAI_API_KEY"),
        ("sqs-queues", "PORFIN_QUEUE_"),
    ];
    let variables: toml::Table = fs::read_to_string(root().join("tests/variables.toml")).unwrap().parse().unwrap();
    let functions = variables["functions"].as_table().unwrap();
    assert_eq!(functions.len(), 10);
    for (function, read) in functions {
        let linked = linked(function);
        for needed in ["rustls", "aws-lc-rs", "tokio", "flow"] {
            assert!(linked.contains(needed), "{function} is without {needed}: does the search find what is linked?");
        }
        for foreign in other_stacks.iter().chain(&of_the_laptop) {
            assert!(!linked.contains(*foreign), "{function} links {foreign}");
        }
        for (service, variable) in services {
            let reads = read.as_array().unwrap().iter().any(|name| name.as_str().unwrap().starts_with(variable));
            assert_eq!(linked.contains(service), reads, "{function} and {service}");
        }
    }
}

#[test]
fn every_crate_says_first_what_it_is() {
    for package in workspace().workspace_packages() {
        for target in &package.targets {
            let text = fs::read_to_string(&target.src_path).unwrap();
            assert!(text.starts_with("//! "), "{} does not begin with `//!`", target.src_path);
        }
    }
}

#[test]
fn every_crate_takes_the_lints_of_the_workspace() {
    for package in workspace().workspace_packages() {
        let manifest = fs::read_to_string(&package.manifest_path).unwrap();
        assert!(manifest.contains("[lints]\nworkspace = true\n"), "{}", package.manifest_path);
    }
}

#[test]
fn files_are_named_for_their_subject() {
    let vague = ["utils", "util", "helpers", "helper", "common", "manager", "misc"];
    for file in files() {
        let relative = file.strip_prefix(root()).unwrap().with_extension("");
        let is_vague = relative.iter().any(|part| vague.contains(&part.to_string_lossy().to_lowercase().as_str()));
        assert!(!is_vague, "{}: name it for what it is about", file.display());
    }
}

#[test]
fn no_file_names_a_place_on_this_machine() {
    let root = root();
    // The corpus may lie beside the clone, in a folder of this name.
    let places = [root.clone(), root.parent().unwrap().join("shared")];
    let places = places.map(|place| place.to_string_lossy().into_owned());
    for file in files() {
        let bytes = fs::read(&file).unwrap();
        for place in &places {
            let is_named = bytes.windows(place.len()).any(|window| window == place.as_bytes());
            assert!(!is_named, "{} names {place}", file.display());
        }
    }
}

/// The variables that programs read, by the first argument of the settings' reader.
fn settings_read(source: &str) -> impl Iterator<Item = &str> {
    [".required(", ".optional(", ".or("].into_iter().flat_map(move |call| source.split(call).skip(1)).filter_map(
        |after| {
            let (name, _) = after.trim_start().strip_prefix('"')?.split_once('"')?;
            name.bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit() || b == b'_').then_some(name)
        },
    )
}

#[test]
fn every_setting_is_in_the_example() {
    let example = fs::read_to_string(root().join(".env.example")).unwrap();
    let offered: BTreeSet<&str> =
        example.lines().filter_map(|line| Some(line.strip_prefix("# ").unwrap_or(line).split_once('=')?.0)).collect();
    let mut read = 0;
    for file in files() {
        let is_program = ["functions", "local", "shared/boot"].iter().any(|part| file.starts_with(root().join(part)));
        let is_source = file.extension().is_some_and(|extension| extension == "rs") && !file.ends_with("tests.rs");
        if is_program && is_source {
            for name in settings_read(&fs::read_to_string(&file).unwrap()) {
                assert!(offered.contains(name), "{} reads {name}, which .env.example does not name", file.display());
                read += 1;
            }
        }
    }
    assert!(read > 3, "the search finds what programs read");
}

#[test]
fn every_test_that_the_readme_names_exists() {
    let root = workspace().workspace_root.clone().into_std_path_buf();
    let readme = fs::read_to_string(root.join("README.md")).unwrap();
    let promises = readme.split("## What it promises").nth(1).unwrap().split("\n## ").next().unwrap().to_owned();
    let named: Vec<&str> = promises.split('`').skip(1).step_by(2).filter(|name| name.contains("::")).collect();
    assert!(named.len() >= 10, "{named:?}");
    for name in named {
        let (modules, test) = name.rsplit_once("::").unwrap();
        let exists = ["tests/it", "tests/simulation", "local/tests/blackbox"].iter().any(|folder| {
            let module = root.join(folder).join(modules.replace("::", "/"));
            let files = [module.with_extension("rs"), module.join("mod.rs")];
            let holds = |file| fs::read_to_string(file).is_ok_and(|text| text.contains(&format!("fn {test}(")));
            files.into_iter().any(holds)
        });
        assert!(exists, "README.md names `{name}`");
    }
}
