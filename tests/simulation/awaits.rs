//! Mode (a): every task of a story dies at each of its points of interruption, once; what it held comes again when its
//! visibility ends, or at once.

use std::fmt;

use domain::Span;
use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};
use tests::runs::{for_each, seeds};
use tests::world::{Point, Redelivery};

use super::scenario::{ALL, Scenario};

/// A run in which workers die, or stand still.
struct Case {
    scenario: Scenario,
    deaths: Vec<Point>,
    pauses: Vec<(Point, Span)>,
    redelivery: Redelivery,
}

impl fmt::Display for Case {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.scenario.name)?;
        for point in &self.deaths {
            write!(f, " {}.{}", point.task, point.poll)?;
        }
        for (point, span) in &self.pauses {
            write!(f, " {}.{} for {span:?}", point.task, point.poll)?;
        }
        write!(f, " {:?}", self.redelivery)
    }
}

impl Case {
    fn run(&self) {
        self.scenario.run(|world| {
            world.conduct.deaths.clone_from(&self.deaths);
            world.conduct.pauses.clone_from(&self.pauses);
            world.conduct.redelivery = self.redelivery;
        });
    }
}

/// Every point at which a task of the story could be interrupted.
pub fn points(scenario: &Scenario) -> Vec<Point> {
    let mut before = 0;
    let world = scenario.run(|world| before = world.history().len());
    let tasks = world.history().iter().enumerate().skip(before);
    // With its last poll a task has ended.
    tasks.flat_map(|(task, ran)| (1..ran.polls).map(move |poll| Point { task, poll })).collect()
}

const REDELIVERIES: [Redelivery; 2] = [Redelivery::AfterVisibility, Redelivery::Now];

#[test]
fn whoever_dies_at_any_point_loses_nothing_and_sends_nothing_twice() {
    let mut cases = Vec::new();
    for scenario in ALL {
        for point in points(&scenario) {
            cases.extend(REDELIVERIES.map(|redelivery| Case {
                scenario,
                deaths: vec![point],
                pauses: Vec::new(),
                redelivery,
            }));
        }
    }
    let name = "awaits::whoever_dies_at_any_point_loses_nothing_and_sends_nothing_twice";
    let runs = for_each(name, "CASE", &cases, Case::run);
    println!("{runs} runs");
}

/// Longer than any lease and any visibility.
const STANDSTILL: Span = Span::from_minutes(8);

#[test]
fn whoever_stands_still_at_any_point_and_goes_on_later_changes_nothing() {
    let mut cases = Vec::new();
    for scenario in ALL {
        let pauses = points(&scenario).into_iter().map(|point| vec![(point, STANDSTILL)]);
        let redelivery = Redelivery::AfterVisibility;
        cases.extend(pauses.map(|pauses| Case { scenario, deaths: Vec::new(), pauses, redelivery }));
    }
    let runs = for_each(
        "awaits::whoever_stands_still_at_any_point_and_goes_on_later_changes_nothing",
        "CASE",
        &cases,
        Case::run,
    );
    println!("{runs} runs");
}

#[test]
fn two_deaths_in_one_story_lose_nothing_and_send_nothing_twice() {
    let all: Vec<(Scenario, Vec<Point>)> = ALL.iter().map(|scenario| (*scenario, points(scenario))).collect();
    let cases: Vec<Case> = seeds(0..1_000)
        .into_iter()
        .map(|seed| {
            let mut random = StdRng::seed_from_u64(seed);
            let (scenario, points) = &all[random.random_range(0..all.len())];
            let mut any = || points[random.random_range(0..points.len())];
            let deaths = vec![any(), any()];
            let redelivery = REDELIVERIES[random.random_range(0..REDELIVERIES.len())];
            Case { scenario: *scenario, deaths, pauses: Vec::new(), redelivery }
        })
        .collect();
    let runs =
        for_each("awaits::two_deaths_in_one_story_lose_nothing_and_send_nothing_twice", "CASE", &cases, Case::run);
    println!("{runs} runs");
}
