//! Refresh tokens: one successor, or the whole session ends.

use std::collections::BTreeSet;

use domain::Span;
use flow::access::sessions::{self, RefreshError};
use flow::audit::Who;
use proptest::prelude::*;
use secrecy::ExposeSecret;

use super::world::{World, by, client};

/// A session and its first token.
async fn begun(world: &World) -> (domain::SessionId, String) {
    let begun = world.begins().await;
    (begun.session.id, begun.refresh_token.expose_secret().to_owned())
}

#[tokio::test]
async fn each_token_gives_the_next_and_the_session_goes_on() {
    let world = World::new().await;
    let (id, mut token) = begun(&world).await;
    let mut seen = BTreeSet::from([token.clone()]);
    for _ in 0..20 {
        world.wait(Span::from_minutes(9));
        token = world.refreshes(&token).await.unwrap();
        assert!(seen.insert(token.clone()), "no token comes twice");
    }
    let listed = sessions::list(&world.platform, &world.ana).await.unwrap();
    assert_eq!((listed.len(), &listed[0].id), (1, &id));
    assert_eq!(listed[0].last_used_at, world.platform.clock.now());
    assert_eq!(world.audited("session.reuse_detected").await, 0);
}

#[tokio::test]
async fn within_ten_seconds_a_replaced_token_gives_the_same_successor() {
    let world = World::new().await;
    let (id, token) = begun(&world).await;
    let next = world.refreshes(&token).await.unwrap();
    for _ in 0..10 {
        world.wait(Span::from_seconds(1));
        assert_eq!(world.refreshes(&token).await.unwrap(), next);
    }
    assert!(world.is_live(&id).await);
    assert!(world.refreshes(&next).await.is_ok());
}

#[tokio::test]
async fn a_token_that_is_used_again_after_the_grace_ends_the_whole_session_and_is_told() {
    let world = World::new().await;
    let (other, _) = begun(&world).await;
    let (id, token) = begun(&world).await;
    let next = world.refreshes(&token).await.unwrap();
    world.wait(Span::from_micros(10_000_001));
    let Err(RefreshError::Reused { member, organization, session }) = world.refreshes(&token).await else {
        panic!("it was used twice")
    };
    assert_eq!((member, organization, &session), (world.ana.clone(), world.bakery.clone(), &id));
    assert!(!world.is_live(&id).await && world.is_live(&other).await, "the others go on");
    for dead in [&token, &next] {
        assert!(matches!(world.refreshes(dead).await, Err(RefreshError::Unknown)));
    }
    let log = world.audit(&world.bakery).await;
    let told: Vec<_> = log.iter().filter(|entry| entry.action == "session.reuse_detected").collect();
    assert_eq!(told.len(), 1);
    assert_eq!(told[0].details[0], ("severity".to_owned(), "critical".to_owned()));
    assert_eq!((told[0].target.as_deref(), &told[0].actor.who), (Some(id.as_str()), &Who::System));
    assert_eq!(told[0].actor.address.as_deref(), Some("192.0.2.7"), "from where it came");
}

#[tokio::test]
async fn a_token_from_before_the_last_ends_the_session_even_within_ten_seconds() {
    let world = World::new().await;
    let (id, first) = begun(&world).await;
    let second = world.refreshes(&first).await.unwrap();
    world.refreshes(&second).await.unwrap();
    assert!(matches!(world.refreshes(&first).await, Err(RefreshError::Reused { .. })));
    assert!(!world.is_live(&id).await);
}

#[tokio::test]
async fn a_stolen_branch_ends_for_the_thief_and_the_owner_alike() {
    let world = World::new().await;
    let (id, token) = begun(&world).await;
    // The thief copies a token and uses it in time: both have the same successor.
    let owners = world.refreshes(&token).await.unwrap();
    let thiefs = world.refreshes(&token).await.unwrap();
    assert_eq!(owners, thiefs);
    world.wait(Span::from_minutes(5));
    let thiefs = world.refreshes(&thiefs).await.unwrap();
    world.wait(Span::from_minutes(5));
    assert!(matches!(world.refreshes(&owners).await, Err(RefreshError::Reused { .. })));
    assert!(matches!(world.refreshes(&thiefs).await, Err(RefreshError::Unknown)));
    assert!(!world.is_live(&id).await);
}

#[tokio::test]
async fn what_was_never_a_token_ends_nobodys_session() {
    let world = World::new().await;
    let (id, token) = begun(&world).await;
    let next = world.refreshes(&token).await.unwrap();
    world.wait(Span::from_minutes(1));
    for text in ["", "prt_", &token[1..], &format!("{token}A"), &format!("{token}="), &token.replace("prt_", "pin_")] {
        assert!(matches!(world.refreshes(text).await, Err(RefreshError::Malformed)), "{text}");
    }
    for at in 4..token.len() {
        let mut bytes = token.clone().into_bytes();
        bytes[at] = if bytes[at] == b'A' { b'B' } else { b'A' };
        let refused = world.refreshes(std::str::from_utf8(&bytes).unwrap()).await;
        let expected = matches!(refused, Err(RefreshError::Unknown | RefreshError::Forged));
        assert!(expected, "{at}: {refused:?}");
    }
    assert!(world.is_live(&id).await);
    assert_eq!(world.audited("session.reuse_detected").await, 0);
    assert!(world.refreshes(&next).await.is_ok());
}

#[tokio::test]
async fn a_token_of_one_session_says_nothing_about_another() {
    let world = World::new().await;
    let (ours, token) = begun(&world).await;
    let theirs = sessions::begin(&world.platform, &world.flor, &world.florist, &client()).await.unwrap();
    let theirs_text = theirs.refresh_token.expose_secret();
    // The head of one and the code of the other.
    let spliced = format!("{}{}", &theirs_text[..57], &token[57..]);
    let refused = world.refreshes(&spliced).await;
    assert!(matches!(refused, Err(RefreshError::Forged | RefreshError::Unknown)), "{refused:?}");
    assert!(world.is_live(&ours).await);
    assert!(sessions::is_live(&world.platform, &world.flor, &theirs.session.id).await.unwrap());
}

#[tokio::test]
async fn twenty_refreshes_at_once_have_one_successor() {
    let world = World::new().await;
    for _ in 0..10 {
        let (id, token) = begun(&world).await;
        // All of them have read the same generation before any of them writes.
        world.items.meet(20);
        let all = futures::future::join_all((0..20).map(async |_| world.refreshes(&token).await.unwrap())).await;
        let distinct: BTreeSet<_> = all.into_iter().collect();
        assert_eq!(distinct.len(), 1);
        let next = distinct.into_iter().next().unwrap();
        assert!(world.is_live(&id).await && next != token);
        assert!(world.refreshes(&next).await.is_ok());
        sessions::end_all(&world.platform, &by(&world.ana), &world.ana, None).await.unwrap();
    }
    assert_eq!(world.audited("session.reuse_detected").await, 0);
}

#[tokio::test]
async fn all_sessions_of_a_person_can_be_refreshed_at_once() {
    let world = World::new().await;
    let mut tokens = Vec::new();
    for _ in 0..20 {
        tokens.push(begun(&world).await.1);
    }
    world.items.meet(20);
    let all = futures::future::join_all(tokens.iter().map(async |token| world.refreshes(token).await)).await;
    assert!(all.iter().all(Result::is_ok), "{all:?}");
}

#[tokio::test]
async fn a_refresh_and_an_end_at_once_leave_the_session_ended() {
    let world = World::new().await;
    for _ in 0..10 {
        let (id, token) = begun(&world).await;
        world.items.meet(2);
        let ana = by(&world.ana);
        let (refreshed, ended) =
            tokio::join!(world.refreshes(&token), sessions::end(&world.platform, &ana, &world.ana, &id));
        assert!(ended.unwrap());
        assert!(matches!(refreshed, Ok(_) | Err(RefreshError::Unknown)));
        assert!(!world.is_live(&id).await);
    }
}

#[tokio::test]
async fn a_refresh_whose_answer_was_lost_gives_its_successor() {
    let world = World::new().await;
    let (id, token) = begun(&world).await;
    world.items.lose(1);
    let next = world.refreshes(&token).await.unwrap();
    assert_eq!(world.refreshes(&token).await.unwrap(), next);
    // Where the store stays away it is said so, and whoever asks again within the grace has lost nothing.
    world.items.lose(100);
    let lost = world.refreshes(&next).await;
    world.items.lose(0);
    let third = world.refreshes(&next).await.unwrap();
    assert!(lost.is_err() || lost.unwrap() == third);
    assert!(world.is_live(&id).await && world.refreshes(&third).await.is_ok());
}

#[tokio::test]
async fn a_reuse_is_told_before_the_session_ends_and_told_again_where_that_failed() {
    let world = World::new().await;
    let (id, token) = begun(&world).await;
    let next = world.refreshes(&token).await.unwrap();
    world.wait(Span::from_minutes(1));
    world.commits.fail(1);
    assert!(matches!(world.refreshes(&token).await, Err(RefreshError::Job(_))));
    assert_eq!(world.audited("session.reuse_detected").await, 0);
    world.items.fail(100);
    assert!(matches!(world.refreshes(&token).await, Err(RefreshError::Job(_))));
    world.items.fail(0);
    assert!(matches!(world.refreshes(&token).await, Err(RefreshError::Reused { .. })));
    assert_eq!(world.audited("session.reuse_detected").await, 2);
    assert!(!world.is_live(&id).await);
    assert!(matches!(world.refreshes(&next).await, Err(RefreshError::Unknown)));
}

/// What somebody does with a session's tokens.
#[derive(Debug, Clone, Copy)]
enum Step {
    /// Presents the token that was got so many ago.
    Present(usize),
    /// Waits so many seconds.
    Wait(i64),
    /// Presents what was never a token.
    Forge,
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let step = prop_oneof![
        4 => (0_usize..3).prop_map(Step::Present),
        3 => (0_i64..15).prop_map(Step::Wait),
        1 => Just(Step::Forge),
    ];
    proptest::collection::vec(step, 1..40)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    /// A session against its rule: the newest token moves it on, the one before gives the same for ten seconds, and every
    /// other one ends it.
    #[test]
    fn a_session_keeps_its_rule_whatever_is_done_with_its_tokens(steps in steps()) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let world = World::new().await;
            let (id, first) = begun(&world).await;
            let (mut tokens, mut age, mut live) = (vec![first], 0, true);
            for step in steps {
                match step {
                    Step::Wait(seconds) => {
                        world.wait(Span::from_seconds(seconds));
                        age += seconds;
                    }
                    Step::Forge => {
                        let mut forged = tokens.last().unwrap().clone();
                        let last = forged.pop().unwrap();
                        forged.push(if last == 'A' { 'E' } else { 'A' });
                        assert!(world.refreshes(&forged).await.is_err());
                    }
                    Step::Present(ago) => {
                        let ago = ago.min(tokens.len() - 1);
                        let presented = tokens[tokens.len() - 1 - ago].clone();
                        let answer = world.refreshes(&presented).await;
                        match (live, ago) {
                            (false, _) => assert!(matches!(answer, Err(RefreshError::Unknown))),
                            (true, 0) => {
                                tokens.push(answer.unwrap());
                                age = 0;
                            }
                            (true, 1) if age <= 10 => assert_eq!(&answer.unwrap(), tokens.last().unwrap()),
                            (true, _) => {
                                assert!(matches!(answer, Err(RefreshError::Reused { .. })));
                                live = false;
                            }
                        }
                    }
                }
                assert_eq!(world.is_live(&id).await, live, "{step:?}");
            }
            assert_eq!(world.audited("session.reuse_detected").await, usize::from(!live));
        });
    }
}
