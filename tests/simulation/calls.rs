//! Mode (b): each call of a port goes wrong in each way, once, and what fails over it comes again after its pause or at
//! once.

use std::fmt;

use tests::runs::for_each;
use tests::world::Redelivery;
use tests::world::ports::{Call, Fault, fails_at};

use super::scenario::{ALL, Scenario};

/// A run in which one call goes wrong.
struct Case {
    scenario: Scenario,
    call: Call,
    fault: Fault,
    redelivery: Redelivery,
}

impl fmt::Display for Case {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Call { port, operation, nth } = self.call;
        write!(f, "{} {nth} {port:?}.{operation} {:?} {:?}", self.scenario.name, self.fault, self.redelivery)
    }
}

impl Case {
    fn run(&self) {
        self.scenario.run(|world| {
            world.ports.set_faults(Some(fails_at(self.call.nth, self.fault)));
            world.conduct.redelivery = self.redelivery;
        });
    }
}

#[test]
fn any_call_that_goes_wrong_in_any_way_loses_nothing_and_sends_nothing_twice() {
    let mut cases = Vec::new();
    for scenario in ALL {
        for call in scenario.run(|world| world.ports.note_calls()).ports.noted() {
            for fault in Fault::ALL.into_iter().filter(|fault| fault.is_its_own(&call)) {
                for redelivery in [Redelivery::AfterVisibility, Redelivery::Now] {
                    cases.push(Case { scenario, call, fault, redelivery });
                }
            }
        }
    }
    let name = "calls::any_call_that_goes_wrong_in_any_way_loses_nothing_and_sends_nothing_twice";
    let runs = for_each(name, "CASE", &cases, Case::run);
    println!("{runs} runs");
}
