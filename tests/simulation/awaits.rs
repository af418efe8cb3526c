//! Mode (a): every task of a story dies at each of its points of interruption, once; what it held comes again when its
//! visibility ends, or at once.

use std::fmt;

use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};
use tests::runs::{for_each, seeds};
use tests::world::{Death, Redelivery};

use super::scenario::{ALL, Scenario};

/// A run in which workers die.
struct Case {
    scenario: Scenario,
    deaths: Vec<Death>,
    redelivery: Redelivery,
}

impl fmt::Display for Case {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.scenario.name)?;
        for death in &self.deaths {
            write!(f, " {}.{}", death.task, death.point)?;
        }
        write!(f, " {:?}", self.redelivery)
    }
}

impl Case {
    fn run(&self) {
        self.scenario.run(|world| {
            world.conduct.deaths.clone_from(&self.deaths);
            world.conduct.redelivery = self.redelivery;
        });
    }
}

/// Every point at which a task of the story could die.
fn deaths(scenario: &Scenario) -> Vec<Death> {
    let mut before = 0;
    let world = scenario.run(|world| before = world.history().len());
    let tasks = world.history().iter().enumerate().skip(before);
    // With its last poll a task has ended.
    tasks.flat_map(|(task, ran)| (1..ran.points).map(move |point| Death { task, point })).collect()
}

const REDELIVERIES: [Redelivery; 2] = [Redelivery::AfterVisibility, Redelivery::Now];

#[test]
fn whoever_dies_at_any_point_loses_nothing_and_sends_nothing_twice() {
    let mut cases = Vec::new();
    for scenario in ALL {
        for death in deaths(&scenario) {
            cases.extend(REDELIVERIES.map(|redelivery| Case { scenario, deaths: vec![death], redelivery }));
        }
    }
    let name = "awaits::whoever_dies_at_any_point_loses_nothing_and_sends_nothing_twice";
    let runs = for_each(name, "CASE", &cases, Case::run);
    println!("{runs} runs");
}

#[test]
fn two_deaths_in_one_story_lose_nothing_and_send_nothing_twice() {
    let all: Vec<(Scenario, Vec<Death>)> = ALL.iter().map(|scenario| (*scenario, deaths(scenario))).collect();
    let cases: Vec<Case> = seeds(0..1_000)
        .into_iter()
        .map(|seed| {
            let mut random = StdRng::seed_from_u64(seed);
            let (scenario, deaths) = &all[random.random_range(0..all.len())];
            let mut any = || deaths[random.random_range(0..deaths.len())];
            let deaths = vec![any(), any()];
            let redelivery = REDELIVERIES[random.random_range(0..REDELIVERIES.len())];
            Case { scenario: *scenario, deaths, redelivery }
        })
        .collect();
    let runs =
        for_each("awaits::two_deaths_in_one_story_lose_nothing_and_send_nothing_twice", "CASE", &cases, Case::run);
    println!("{runs} runs");
}
