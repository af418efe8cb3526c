//! Puts the demo organization's texts into the crate, so that a program needs no file beside it.

#![expect(clippy::disallowed_methods, reason = "Cargo tells a build script by variables")]

use std::fmt::Write;
use std::path::{Path, PathBuf};
use std::{env, fs};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let root = PathBuf::from(env::var("CARGO_MANIFEST_DIR")?);
    let folder = root.join("organization/knowledge");
    println!("cargo::rerun-if-changed={}", folder.display());
    let mut files: Vec<PathBuf> =
        fs::read_dir(&folder)?.map(|entry| entry.map(|entry| entry.path())).collect::<Result<_, _>>()?;
    files.sort();
    let mut code = String::new();
    writeln!(code, "const ASSISTANT: &str = include_str!({:?});", root.join("organization/assistant.json"))?;
    writeln!(code, "const KNOWLEDGE: &[(&str, &str)] = &[")?;
    for file in files.iter().filter(|file| file.extension().is_some_and(|extension| extension == "md")) {
        let name = file.file_stem().and_then(|name| name.to_str()).ok_or("a file without a name")?;
        writeln!(code, "    ({name:?}, include_str!({file:?})),")?;
    }
    writeln!(code, "];")?;
    fs::write(Path::new(&env::var("OUT_DIR")?).join("demo.rs"), code)?;
    Ok(())
}
