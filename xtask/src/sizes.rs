use std::path::{Path, PathBuf};

use anyhow::bail;
use xshell::Shell;

/// A file with more lines gets a warning: it may hold two subjects.
const LONG: usize = 400;

/// A file with more lines is refused.
const TOO_LONG: usize = 500;

/// Warns of long files of code and refuses too long ones.
pub(crate) fn check(sh: &Shell) -> anyhow::Result<()> {
    let mut too_long = Vec::new();
    for file in code(sh, &sh.current_dir())? {
        let lines = sh.read_file(&file)?.lines().count();
        match Size::of(lines) {
            Size::Fine => {}
            Size::Long => eprintln!("warning: {} has {lines} lines, more than {LONG}", file.display()),
            Size::TooLong => too_long.push(format!("{} ({lines})", file.display())),
        }
    }
    if !too_long.is_empty() {
        bail!("files of more than {TOO_LONG} lines: {}", too_long.join(", "));
    }
    Ok(())
}

#[derive(Debug, PartialEq, Eq)]
enum Size {
    Fine,
    Long,
    TooLong,
}

impl Size {
    fn of(lines: usize) -> Self {
        if lines > TOO_LONG {
            Self::TooLong
        } else if lines > LONG {
            Self::Long
        } else {
            Self::Fine
        }
    }
}

/// The Rust files below the folder, without build output and hidden folders.
fn code(sh: &Shell, folder: &Path) -> anyhow::Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    for path in sh.read_dir(folder)? {
        let name = path.file_name().map(|name| name.to_string_lossy()).unwrap_or_default();
        if path.is_dir() && name != "target" && !name.starts_with('.') {
            files.extend(code(sh, &path)?);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            files.push(path);
        }
    }
    Ok(files)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_warned_of_before_it_is_refused() {
        assert_eq!([400, 401, 500, 501].map(Size::of), [Size::Fine, Size::Long, Size::Long, Size::TooLong]);
    }
}
