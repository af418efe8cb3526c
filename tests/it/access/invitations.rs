use domain::access::Role;
use domain::identity::VerifiedIdentity;
use domain::{InvitationId, Plan, Span};
use flow::access::invitations::{self, AcceptError, Invited};
use flow::access::sessions::Client;
use flow::access::{AccessError, SignInError, SignedIn, member_role, sign_in};
use flow::audit::Actor;
use flow::browse::Cursor;
use flow::records::{Invitation, invitation_path};
use secrecy::ExposeSecret;

use super::world::{World, by, email, just_before, person};

impl World {
    async fn invites(&self, actor: &Actor, name: &str, role: Role) -> Result<Invited, AccessError> {
        invitations::create(&self.platform, actor, &self.bakery, &email(name), role).await
    }

    async fn invited(&self, name: &str) -> String {
        let invited = self.invites(&by(&self.ana), name, Role::Agent).await.unwrap();
        invited.token.expose_secret().to_owned()
    }

    async fn accepts(&self, identity: &VerifiedIdentity, token: &str) -> Result<SignedIn, SignInError> {
        sign_in(&self.platform, identity, None, Some(token), None, &Client::default()).await
    }

    async fn invitations(&self) -> Vec<Invitation> {
        invitations::list(&self.platform, &self.bakery, None, 100).await.unwrap().items
    }

    async fn size(&self) -> usize {
        flow::access::members::list(&self.platform, &self.bakery, None, 100).await.unwrap().items.len()
    }
}

fn refused(result: Result<SignedIn, SignInError>) -> String {
    match result {
        Err(SignInError::Invitation(error)) => format!("{error:?}"),
        other => format!("{other:?}"),
    }
}

#[tokio::test]
async fn whoever_was_invited_joins_once_as_what_they_were_invited_for() {
    let world = World::new().await;
    let invited = world.invites(&by(&world.ana), "rui", Role::Supervisor).await.unwrap();
    assert_eq!(invited.invitation.expires_at.since(invited.invitation.created_at), Span::from_days(7));
    assert_eq!(world.invitations().await, std::slice::from_ref(&invited.invitation));
    let token = invited.token.expose_secret();
    assert!(!format!("{invited:?}").contains(token) && !format!("{invited:?}").contains("rui@"));
    let joined = world.accepts(&person("rui"), token).await.unwrap();
    assert_eq!((&joined.organization, joined.role), (&world.bakery, Role::Supervisor));
    assert!(world.invitations().await.is_empty());
    let log = world.audit(&world.bakery).await;
    let entry = log.iter().find(|entry| entry.action == "member.joined" && entry.actor != Actor::system()).unwrap();
    let details = [("role", "supervisor"), ("invitation", invited.invitation.id.as_str())];
    assert_eq!(entry.details, details.map(|(name, value)| (name.to_owned(), value.to_owned())));
    assert_eq!(entry.target.as_deref(), Some(joined.member.as_str()));
}

#[tokio::test]
async fn nothing_of_the_token_is_stored() {
    let world = World::new().await;
    let invited = world.invites(&by(&world.ana), "rui", Role::Agent).await.unwrap();
    let path = invitation_path(&world.bakery, &invited.invitation.id);
    let document = world.platform.documents.get(&path).await.unwrap().unwrap();
    let stored: Vec<u8> = document
        .fields
        .values()
        .flat_map(|value| match value {
            flow::ports::Value::Text(text) => text.as_bytes().to_vec(),
            flow::ports::Value::Bytes(bytes) => bytes.clone(),
            _ => Vec::new(),
        })
        .collect();
    let secret = &invited.token.expose_secret()[50..];
    assert!(!stored.windows(secret.len()).any(|window| window == secret.as_bytes()));
    assert!(!String::from_utf8_lossy(&stored).contains("rui@example.com"), "the address is sealed");
}

#[tokio::test]
async fn a_token_counts_for_the_invited_address_alone_and_only_if_it_is_verified() {
    let world = World::new().await;
    let token = world.invited("rui").await;
    assert_eq!(refused(world.accepts(&person("bia"), &token).await), "OtherEmail");
    let unverified = VerifiedIdentity { email_verified: false, ..person("rui") };
    assert_eq!(refused(world.accepts(&unverified, &token).await), "EmailNotVerified");
    let without = VerifiedIdentity { email: None, ..person("rui") };
    assert_eq!(refused(world.accepts(&without, &token).await), "EmailNotVerified");
    assert_eq!(world.size().await, 1);
    let shouting = VerifiedIdentity { email: domain::Email::parse("RUI@EXAMPLE.COM").ok(), ..person("rui") };
    assert!(world.accepts(&shouting, &token).await.is_ok());
}

#[tokio::test]
async fn a_token_ends_after_seven_days() {
    let world = World::new().await;
    let token = world.invited("rui").await;
    world.wait(just_before(Span::from_days(7)));
    let other = world.invited("bia").await;
    world.wait(Span::from_micros(1));
    assert_eq!(refused(world.accepts(&person("rui"), &token).await), "Expired");
    assert!(world.accepts(&person("bia"), &other).await.is_ok());
}

#[tokio::test]
async fn a_revoked_or_replaced_token_is_good_no_more() {
    let world = World::new().await;
    let first = world.invited("rui").await;
    let second = world.invites(&by(&world.ana), "RUI", Role::Viewer).await.unwrap();
    assert_eq!(world.invitations().await, std::slice::from_ref(&second.invitation), "the newer one replaces");
    assert_eq!(refused(world.accepts(&person("rui"), &first).await), "Unknown");
    invitations::revoke(&world.platform, &by(&world.ana), &world.bakery, &second.invitation.id).await.unwrap();
    assert_eq!(refused(world.accepts(&person("rui"), second.token.expose_secret()).await), "Unknown");
    let again = invitations::revoke(&world.platform, &by(&world.ana), &world.bakery, &second.invitation.id).await;
    assert!(matches!(again, Err(AccessError::NotFound)));
    assert_eq!((world.size().await, world.audited("invitation.revoked").await), (1, 1));
}

#[tokio::test]
async fn what_is_no_token_opens_nothing() {
    let world = World::new().await;
    let token = world.invited("rui").await;
    let mut wrong =
        vec![String::new(), "pin_".to_owned(), token[1..].to_owned(), format!("{token}A"), format!("{token}=")];
    wrong.push(token.replace("pin_", "prt_"));
    wrong.extend((4..token.len()).map(|at| {
        let mut bytes = token.clone().into_bytes();
        bytes[at] = if bytes[at] == b'A' { b'B' } else { b'A' };
        String::from_utf8(bytes).unwrap()
    }));
    for wrong in wrong {
        assert_eq!(refused(world.accepts(&person("rui"), &wrong).await), "Unknown", "{wrong}");
    }
    assert!(world.accepts(&person("rui"), &token).await.is_ok());
}

#[tokio::test]
async fn of_two_accounts_with_the_same_address_one_joins() {
    let world = World::new().await;
    let token = world.invited("rui").await;
    let twin = VerifiedIdentity { subject: "another account".to_owned(), ..person("rui") };
    world.commits.meet(2);
    let rui = person("rui");
    let (first, second) = tokio::join!(world.accepts(&rui, &token), world.accepts(&twin, &token));
    assert_eq!([first.is_ok(), second.is_ok()].iter().filter(|ok| **ok).count(), 1);
    let failed = if first.is_err() { first } else { second };
    assert_eq!(refused(failed), "Unknown");
    assert_eq!(world.size().await, 2);
}

#[tokio::test]
async fn who_accepts_twice_at_once_or_whose_answer_was_lost_is_in_once() {
    let world = World::new().await;
    let token = world.invited("rui").await;
    world.commits.meet(2);
    let rui = person("rui");
    let (first, second) = tokio::join!(world.accepts(&rui, &token), world.accepts(&rui, &token));
    assert_eq!(first.unwrap().member, second.unwrap().member);
    let token = world.invited("bia").await;
    world.commits.lose(1);
    assert!(matches!(world.accepts(&person("bia"), &token).await, Err(SignInError::Job(_))));
    assert_eq!(world.accepts(&person("bia"), &token).await.unwrap().role, Role::Agent);
    assert_eq!((world.size().await, world.audited("member.joined").await), (3, 3));
}

#[tokio::test]
async fn whoever_is_in_already_stays_what_they_are() {
    let world = World::new().await;
    let invited = world.invites(&Actor::system(), "ana", Role::Viewer).await.unwrap();
    let joined = world.accepts(&person("ana"), invited.token.expose_secret()).await.unwrap();
    assert_eq!((joined.member.clone(), joined.role), (world.ana.clone(), Role::Owner));
    assert!(world.invitations().await.is_empty());
    assert_eq!(member_role(&world.platform, &world.bakery, &world.ana).await.unwrap(), Some(Role::Owner));
    assert_eq!(world.size().await, 1);
}

#[tokio::test]
async fn nobody_invites_to_more_than_they_decide_on() {
    let world = World::new().await;
    for acting in Role::ALL {
        let actor = world.joins(acting.as_str(), acting).await;
        for role in Role::ALL {
            let made = world.invites(&by(&actor), "new", role).await;
            assert_eq!(made.is_ok(), acting.decides_on(role), "{acting:?} {role:?}");
            let id = world.invites(&Actor::system(), "new", role).await.unwrap().invitation.id;
            let revoked = invitations::revoke(&world.platform, &by(&actor), &world.bakery, &id).await;
            assert_eq!(revoked.is_ok(), acting.decides_on(role), "{acting:?} {role:?}");
        }
    }
}

#[tokio::test]
async fn another_organizations_invitations_are_as_if_they_were_not() {
    let world = World::new().await;
    let invited = world.invites(&by(&world.ana), "rui", Role::Agent).await.unwrap();
    let flor = by(&world.flor);
    let revoked = invitations::revoke(&world.platform, &flor, &world.florist, &invited.invitation.id).await;
    assert!(matches!(revoked, Err(AccessError::NotFound)));
    let revoked = invitations::revoke(&world.platform, &flor, &world.bakery, &invited.invitation.id).await;
    assert!(matches!(revoked, Err(AccessError::Forbidden)));
    assert!(matches!(world.invites(&flor, "bia", Role::Agent).await, Err(AccessError::Forbidden)));
    assert!(invitations::list(&world.platform, &world.florist, None, 10).await.unwrap().items.is_empty());
    let nobody = InvitationId::from_bits([9; 16]);
    let revoked = invitations::revoke(&world.platform, &by(&world.ana), &world.bakery, &nobody).await;
    assert!(matches!(revoked, Err(AccessError::NotFound)));
    assert_eq!(world.invitations().await.len(), 1);
}

#[tokio::test]
async fn people_and_invitations_together_stay_within_the_plan() {
    let world = World::new().await;
    world.on_plan(Plan::Free).await;
    let ana = by(&world.ana);
    world.invites(&ana, "p1", Role::Agent).await.unwrap();
    let token = world.invited("p2").await;
    assert!(matches!(world.invites(&ana, "p3", Role::Agent).await, Err(AccessError::PlanLimit(3))));
    // One that replaces another takes no seat, and one that has ended gives its seat back.
    world.invites(&ana, "p1", Role::Viewer).await.unwrap();
    world.accepts(&person("p2"), &token).await.unwrap();
    assert!(matches!(world.invites(&ana, "p3", Role::Agent).await, Err(AccessError::PlanLimit(3))));
    world.wait(Span::from_days(7));
    world.invites(&ana, "p3", Role::Agent).await.unwrap();
    assert_eq!(world.invitations().await.len(), 1, "what has ended is cleared away");
    world.on_plan(Plan::Business).await;
    world.invites(&ana, "p4", Role::Agent).await.unwrap();
}

#[tokio::test]
async fn those_who_invite_at_once_stay_within_the_plan() {
    let world = World::new().await;
    world.on_plan(Plan::Free).await;
    let ana = by(&world.ana);
    world.commits.meet(6);
    let names: Vec<String> = (0..6).map(|n| format!("p{n}")).collect();
    let made = names.iter().map(async |name| world.invites(&ana, name, Role::Agent).await);
    let made = futures::future::join_all(made).await;
    assert_eq!(made.iter().filter(|made| made.is_ok()).count(), 2);
    assert!(made.iter().all(|made| matches!(made, Ok(_) | Err(AccessError::PlanLimit(3)))));
    assert_eq!(world.invitations().await.len(), 2);
}

#[tokio::test]
async fn who_was_invited_before_the_plan_became_smaller_does_not_get_in() {
    let world = World::new().await;
    let mut tokens = Vec::new();
    for n in 0..4 {
        tokens.push(world.invited(&format!("p{n}")).await);
    }
    world.on_plan(Plan::Free).await;
    for (n, token) in tokens.iter().enumerate() {
        let accepted = world.accepts(&person(&format!("p{n}")), token).await;
        let expected = if n < 2 { None } else { Some(AcceptError::PlanLimit(3)) };
        match expected {
            None => assert!(accepted.is_ok()),
            Some(error) => assert_eq!(refused(accepted), format!("{error:?}")),
        }
    }
}

#[tokio::test]
async fn invitations_are_listed_page_by_page() {
    let world = World::new().await;
    let mut made = Vec::new();
    for n in 0..5 {
        world.wait(Span::from_seconds(1));
        made.push(world.invites(&by(&world.ana), &format!("p{n}"), Role::Agent).await.unwrap().invitation.id);
    }
    made.reverse();
    let first = invitations::list(&world.platform, &world.bakery, None, 3).await.unwrap();
    let next = Cursor::of::<domain::InvitationId>(&first.next.unwrap().to_string()).unwrap();
    let second = invitations::list(&world.platform, &world.bakery, Some(&next), 3).await.unwrap();
    assert_eq!(second.next, None);
    let found: Vec<_> = first.items.into_iter().chain(second.items).map(|invitation| invitation.id).collect();
    assert_eq!(found, made);
}
