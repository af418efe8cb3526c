//! The mutation check of the guards: each is taken out of a copy of the code, and the tests that must notice are run.

mod list;
mod nextest;
mod report;
mod tree;

use std::collections::BTreeSet;
use std::path::PathBuf;

use anyhow::ensure;
use jiff::Timestamp;
use xshell::{Shell, cmd};

use self::list::{Mutant, Selection};
use self::tree::Tree;
use crate::tools::NEXTEST;

/// Where the random simulation is declared, and its name and its random tests.
const SIMULATION: (&str, &str, &str) = ("tests/Cargo.toml", "simulation", "random::");

/// Within so many seeds the simulation must notice.
const SEEDS: (&str, &str) = ("SEEDS", "0..1000");

/// Which mutants are tried.
#[derive(clap::Args)]
pub(crate) struct Choice {
    /// Their names; without any, all of them, and `docs/MUTANTS.md` is written
    names: Vec<String>,
    /// So many, drawn by the seed
    #[arg(long, conflicts_with = "names")]
    sample: Option<usize>,
    /// What decides the sample; without it the commit
    #[arg(long, requires = "sample")]
    seed: Option<String>,
}

impl Choice {
    /// So many, drawn by the commit.
    pub(crate) fn some(size: usize) -> Self {
        Self { names: Vec::new(), sample: Some(size), seed: None }
    }
}

/// Who noticed a mutant.
struct Noticed {
    /// The tests, as nextest names them.
    by: BTreeSet<String>,
    /// The simulation, where it must.
    simulation: Option<Simulation>,
}

/// Whether the simulation noticed.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Simulation {
    /// With this seed first.
    Noticed(u64),
    /// With none.
    Silent,
}

impl Noticed {
    /// Whether everybody noticed who must.
    fn is_enough(&self) -> bool {
        !self.by.is_empty() && self.simulation != Some(Simulation::Silent)
    }
}

/// Tries the mutants, and fails when one was not noticed as it must be.
pub(crate) fn check(sh: &Shell, choice: &Choice) -> anyhow::Result<()> {
    NEXTEST.ensure(sh)?;
    let begun = now();
    let mutants = chosen(sh, choice)?;
    let target = target(sh);
    let workshop = Workshop { sh, tree: Tree::sync(sh, target.join("mutants/tree"))?, target };
    let has_simulation = has_simulation(sh)?;
    if !has_simulation {
        eprintln!("the random simulation is not there: it notices nothing");
    }
    workshop.begin(&mutants, has_simulation)?;
    let mut tried = Vec::with_capacity(mutants.len());
    let mut impossible = Vec::new();
    for mutant in mutants {
        match workshop.try_out(&mutant, has_simulation) {
            Ok(noticed) => tried.push((mutant, noticed)),
            Err(error) => {
                eprintln!("{}: {error:#}", mutant.name);
                impossible.push(mutant.name);
            }
        }
    }
    ensure!(impossible.is_empty(), "these mutants could not be tried: {}", impossible.join(", "));
    if choice.names.is_empty() && choice.sample.is_none() {
        report::write(sh, &tried, begun, now())?;
    }
    let unnoticed: Vec<&str> =
        tried.iter().filter(|(_, noticed)| !noticed.is_enough()).map(|(mutant, _)| mutant.name.as_str()).collect();
    ensure!(unnoticed.is_empty(), "these mutants were not noticed as they must be: {}", unnoticed.join(", "));
    println!("{} mutants, each of them noticed", tried.len());
    Ok(())
}

fn chosen(sh: &Shell, choice: &Choice) -> anyhow::Result<Vec<Mutant>> {
    let all = list::all(sh)?;
    let Some(size) = choice.sample else {
        return if choice.names.is_empty() { Ok(all) } else { list::named(all, &choice.names) };
    };
    let seed = match &choice.seed {
        Some(seed) => seed.clone(),
        None => cmd!(sh, "git rev-parse HEAD").quiet().read()?,
    };
    println!("a sample of {size}, drawn by --seed {seed}");
    Ok(list::sample(all, size, &seed))
}

/// The copy, and what it is built with.
struct Workshop<'sh> {
    sh: &'sh Shell,
    tree: Tree<'sh>,
    target: PathBuf,
}

impl Workshop<'_> {
    /// With every guard in its place all tests must pass that are to notice something.
    fn begin(&self, mutants: &[Mutant], has_simulation: bool) -> anyhow::Result<()> {
        let tests: BTreeSet<Selection> = mutants.iter().flat_map(|mutant| mutant.tests.clone()).collect();
        let tests: Vec<Selection> = tests.into_iter().collect();
        self.run(&tests, &[])?.ensure_sound(&tests)?;
        if has_simulation && mutants.iter().any(|mutant| mutant.seeds) {
            let random = [random()];
            self.run(&random, &[SEEDS])?.ensure_sound(&random)?;
        }
        Ok(())
    }

    /// Takes a guard out, and tells who noticed.
    fn try_out(&self, mutant: &Mutant, has_simulation: bool) -> anyhow::Result<Noticed> {
        let begun = now();
        let noticed = self.tree.with(&mutant.edits, || {
            let by = self.run(&mutant.tests, &[])?.failed;
            let simulation = if mutant.seeds && has_simulation { Some(self.simulate()?) } else { None };
            Ok(Noticed { by, simulation })
        })?;
        let seconds = begun.until(now())?.total(jiff::Unit::Second)?;
        let verdict = if noticed.is_enough() { "noticed" } else { "NOT NOTICED" };
        println!("{verdict}: {} ({seconds:.0} s)", mutant.name);
        noticed.in_words().iter().for_each(|who| println!("    {who}"));
        Ok(noticed)
    }

    fn simulate(&self) -> anyhow::Result<Simulation> {
        let seed = self.run(&[random()], &[SEEDS])?.seed;
        Ok(seed.map_or(Simulation::Silent, Simulation::Noticed))
    }

    fn run(&self, tests: &[Selection], environment: &[(&str, &str)]) -> anyhow::Result<nextest::Outcome> {
        nextest::run(self.sh, self.tree.root(), &self.target, tests, environment)
    }
}

fn random() -> Selection {
    Selection { binary: format!("tests::{}", SIMULATION.1), prefix: SIMULATION.2.to_owned() }
}

fn has_simulation(sh: &Shell) -> anyhow::Result<bool> {
    let (manifest, name, _) = SIMULATION;
    let manifest: toml::Table = toml::from_str(&sh.read_file(manifest)?)?;
    let tests = manifest.get("test").and_then(toml::Value::as_array);
    Ok(tests.into_iter().flatten().any(|test| test.get("name").and_then(toml::Value::as_str) == Some(name)))
}

fn target(sh: &Shell) -> PathBuf {
    sh.current_dir().join(sh.var("CARGO_TARGET_DIR").unwrap_or_else(|_| "target".to_owned()))
}

#[expect(clippy::disallowed_methods, reason = "the report says when it was made and how long that took")]
fn now() -> Timestamp {
    Timestamp::now()
}
