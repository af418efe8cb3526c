use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use anyhow::Context;
use xshell::{Shell, cmd};

use super::list::Edit;

/// The version of the copy's packages. Cargo tells the packages of two workspaces that share a target folder apart by name
/// and version alone, and would take what it built from the copy for ours.
const VERSION: &str = "0.0.0-mutants";

/// A copy of the working tree, in which guards are taken out. It stays from run to run, so that little is built anew.
pub(super) struct Tree<'sh> {
    sh: &'sh Shell,
    root: PathBuf,
}

impl<'sh> Tree<'sh> {
    /// Brings the copy in line with the working tree, files that are not committed included. A file that is the same is
    /// not written: by its time Cargo knows what to build.
    pub fn sync(sh: &'sh Shell, root: PathBuf) -> anyhow::Result<Self> {
        let listed = cmd!(sh, "git ls-files -z --cached --others --exclude-standard").quiet().read()?;
        let files: BTreeSet<&str> = listed.split_terminator('\0').filter(|file| sh.path_exists(file)).collect();
        let tree = Self { sh, root };
        for file in &files {
            let mut content = sh.read_binary_file(file)?;
            if *file == "Cargo.toml" {
                content = apart(&String::from_utf8(content)?)?.into_bytes();
            }
            let copy = tree.path(file);
            if !sh.path_exists(&copy) || sh.read_binary_file(&copy)? != content {
                sh.write_file(&copy, content)?;
            }
        }
        tree.remove_others(&tree.root, &files)?;
        Ok(tree)
    }

    /// Its folder.
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// Does the work while the edits are made.
    pub fn with<T>(&self, edits: &[Edit], work: impl FnOnce() -> anyhow::Result<T>) -> anyhow::Result<T> {
        let mut before: BTreeMap<PathBuf, String> = BTreeMap::new();
        let mut after: BTreeMap<PathBuf, String> = BTreeMap::new();
        for edit in edits {
            let path = self.path(&edit.file);
            let text = match after.get(&path) {
                Some(text) => text.clone(),
                None => self.sh.read_file(&path).with_context(|| format!("{} cannot be read", edit.file))?,
            };
            let changed = edit.apply(&text)?;
            before.entry(path.clone()).or_insert(text);
            after.insert(path, changed);
        }
        self.write(&after)?;
        let done = work();
        self.write(&before)?;
        done
    }

    fn write(&self, files: &BTreeMap<PathBuf, String>) -> anyhow::Result<()> {
        files.iter().try_for_each(|(path, text)| Ok(self.sh.write_file(path, text)?))
    }

    fn path(&self, file: &str) -> PathBuf {
        self.root.join(file)
    }

    fn remove_others(&self, folder: &Path, files: &BTreeSet<&str>) -> anyhow::Result<()> {
        for path in self.sh.read_dir(folder)? {
            let file = path.strip_prefix(&self.root)?.to_str().context("a file whose name is no text")?;
            if path.is_dir() {
                self.remove_others(&path, files)?;
            } else if !files.contains(file) {
                self.sh.remove_path(&path)?;
            }
        }
        Ok(())
    }
}

/// The workspace's manifest as the copy has it: with a version of its own, and without optimisation of our packages, which
/// are built again for each mutant and run for seconds only.
fn apart(manifest: &str) -> anyhow::Result<String> {
    let mut manifest: toml::Table = toml::from_str(manifest)?;
    let ours: BTreeSet<String> = table(&mut manifest, &["workspace", "dependencies"])?
        .iter()
        .filter(|(_, dependency)| dependency.get("path").is_some())
        .map(|(name, _)| name.clone())
        .chain(["tests".to_owned()])
        .collect();
    table(&mut manifest, &["workspace", "package"])?.insert("version".to_owned(), VERSION.into());
    table(&mut manifest, &["profile", "dev", "package"])?.retain(|name, _| !ours.contains(name));
    Ok(toml::to_string(&manifest)?)
}

fn table<'a>(manifest: &'a mut toml::Table, path: &[&str]) -> anyhow::Result<&'a mut toml::Table> {
    path.iter().try_fold(manifest, |table, name| {
        let value = table.get_mut(*name).and_then(toml::Value::as_table_mut);
        value.with_context(|| format!("the workspace's manifest has no {}", path.join(".")))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_copys_packages_have_a_version_of_their_own_and_are_not_optimised() {
        let manifest = r#"
            workspace = { package = { version = "0.1.0" }, dependencies = { flow = { path = "flow" }, aes = "1" } }
            profile = { dev = { package = { flow = { opt-level = 1 }, tests = { opt-level = 1 }, aes = { opt-level = 2 } } } }
        "#;
        let expected = r#"
            workspace = { package = { version = "0.0.0-mutants" }, dependencies = { flow = { path = "flow" }, aes = "1" } }
            profile = { dev = { package = { aes = { opt-level = 2 } } } }
        "#;
        let read = |text: &str| toml::from_str::<toml::Table>(text).unwrap();
        assert_eq!(read(&apart(manifest).unwrap()), read(expected));
    }
}
