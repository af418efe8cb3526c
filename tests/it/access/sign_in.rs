use domain::access::Role;
use domain::identity::VerifiedIdentity;
use domain::{Email, OrganizationId, Plan, Span};
use flow::access::sessions::{self, Client};
use flow::access::{AccessError, SignInError, SignedIn, claim, invitations, member_role, members, sign_in};
use flow::audit::Actor;
use flow::organization;
use secrecy::ExposeSecret;

use super::world::{World, by, client, email, person};

impl World {
    async fn owner_signs_in(&self, identity: &VerifiedIdentity) -> Result<SignedIn, SignInError> {
        sign_in(&self.platform, identity, Some(&email("owner")), None, None, &client()).await
    }
}

#[tokio::test]
async fn the_owner_of_the_deployment_makes_its_first_organization_by_signing_in() {
    let world = World::empty();
    let shouting = VerifiedIdentity { email: Email::parse("OWNER@example.com").ok(), ..person("owner") };
    let signed_in = world.owner_signs_in(&shouting).await.unwrap();
    assert_eq!((signed_in.role, signed_in.organizations.len()), (Role::Owner, 1));
    let made = organization::get(&world.platform, &signed_in.organization).await.unwrap().unwrap().value;
    assert_eq!((made.plan, made.time_zone.as_str()), (Plan::Free, "America/Sao_Paulo"));
    assert!(sessions::is_live(&world.platform, &signed_in.member, &signed_in.session.id).await.unwrap());
    let again = world.owner_signs_in(&person("owner")).await.unwrap();
    assert_eq!((&again.member, &again.organization), (&signed_in.member, &signed_in.organization));
    let actions: Vec<_> = world.audit(&signed_in.organization).await.into_iter().map(|entry| entry.action).collect();
    for (action, times) in [("organization.created", 1), ("member.joined", 1), ("session.began", 2)] {
        assert_eq!(actions.iter().filter(|found| *found == action).count(), times, "{action}");
    }
    // The owner can invite others, so that the organization is whole.
    let owner = by(&signed_in.member);
    assert!(invitations::create(&world.platform, &owner, &made.id, &email("rui"), Role::Admin).await.is_ok());
}

#[tokio::test]
async fn nobody_else_makes_an_organization_by_signing_in() {
    let world = World::empty();
    let unverified = VerifiedIdentity { email_verified: false, ..person("owner") };
    let without = VerifiedIdentity { email: None, ..person("owner") };
    for identity in [unverified, without, person("somebody")] {
        assert!(matches!(world.owner_signs_in(&identity).await, Err(SignInError::NoMembership)));
    }
    // And nobody at all, where no owner is named: not even who has no address, as the owner has none.
    let without = VerifiedIdentity { email: None, ..person("owner") };
    for identity in [&person("owner"), &without] {
        let signed_in = sign_in(&world.platform, identity, None, None, None, &client()).await;
        assert!(matches!(signed_in, Err(SignInError::NoMembership)));
    }
}

#[tokio::test]
async fn the_first_organization_is_made_once_however_many_sign_in_at_once() {
    let world = World::empty();
    let twin = VerifiedIdentity { subject: "another account".to_owned(), ..person("owner") };
    let owner = person("owner");
    world.commits.meet(2);
    let (first, second) = tokio::join!(world.owner_signs_in(&owner), world.owner_signs_in(&twin));
    assert_eq!([first.is_ok(), second.is_ok()].iter().filter(|ok| **ok).count(), 1);
    let (won, lost) = if first.is_ok() { (first, second) } else { (second, first) };
    let organization = won.unwrap().organization;
    assert!(matches!(lost, Err(SignInError::NoMembership)));
    assert_eq!(members::list(&world.platform, &organization, None, 10).await.unwrap().items.len(), 1);
}

#[tokio::test]
async fn who_was_taken_out_of_the_first_organization_does_not_get_back_in() {
    let world = World::empty();
    let signed_in = world.owner_signs_in(&person("owner")).await.unwrap();
    let organization = &signed_in.organization;
    let heir = world.joins_organization(organization, "heir", Role::Owner).await;
    members::remove(&world.platform, &by(&heir), organization, &signed_in.member, None).await.unwrap();
    assert!(matches!(world.owner_signs_in(&person("owner")).await, Err(SignInError::NoMembership)));
}

#[tokio::test]
async fn a_first_sign_in_whose_answer_was_lost_is_made_again() {
    // The organization, then the entry of the session.
    for lost in 0..2 {
        let world = World::empty();
        if lost == 1 {
            world.owner_signs_in(&person("owner")).await.unwrap();
        }
        world.commits.lose(1);
        assert!(matches!(world.owner_signs_in(&person("owner")).await, Err(SignInError::Job(_))));
        let signed_in = world.owner_signs_in(&person("owner")).await.unwrap();
        assert_eq!(signed_in.role, Role::Owner);
    }
}

#[tokio::test]
async fn one_signs_in_to_the_organization_that_one_joined_last_or_names() {
    let world = World::new().await;
    world.joins_organization(&world.florist, "rui", Role::Viewer).await;
    let rui = world.joins("rui", Role::Supervisor).await;
    let signed_in = world.signs_in("rui").await.unwrap();
    assert_eq!((&signed_in.organization, signed_in.role), (&world.bakery, Role::Supervisor));
    let all: Vec<_> = signed_in.organizations.iter().map(|place| (&place.organization, place.role)).collect();
    assert_eq!(all, [(&world.bakery, Role::Supervisor), (&world.florist, Role::Viewer)]);
    let named = |organization| {
        let platform = world.platform.clone();
        async move { sign_in(&platform, &person("rui"), None, None, Some(organization), &client()).await }
    };
    let there = named(&world.florist).await.unwrap();
    assert_eq!((&there.organization, there.role, &there.member), (&world.florist, Role::Viewer, &rui));
    assert_eq!(there.session.organization, world.florist);
    let nowhere = OrganizationId::from_bits([9; 16]);
    assert!(matches!(named(&nowhere).await, Err(SignInError::NotMember)));
    let ana = sign_in(&world.platform, &person("ana"), None, None, Some(&world.florist), &client()).await;
    assert!(matches!(ana, Err(SignInError::NotMember)), "another's organization is as one that is not there");
}

#[tokio::test]
async fn the_same_subject_of_another_issuer_is_another_person() {
    let world = World::new().await;
    let other = VerifiedIdentity { issuer: "another project".to_owned(), ..person("ana") };
    let signed_in = sign_in(&world.platform, &other, None, None, None, &client()).await;
    assert!(matches!(signed_in, Err(SignInError::NoMembership)));
    let shifted =
        VerifiedIdentity { issuer: "porfin-tests".to_owned(), subject: "ubject-of-ana".to_owned(), ..person("ana") };
    let signed_in = sign_in(&world.platform, &shifted, None, None, None, &client()).await;
    assert!(matches!(signed_in, Err(SignInError::NoMembership)));
}

#[tokio::test]
async fn an_invitation_leads_into_its_organization_unless_another_is_named() {
    let world = World::new().await;
    world.joins("rui", Role::Agent).await;
    world.wait(Span::from_seconds(1));
    let invited =
        invitations::create(&world.platform, &by(&world.flor), &world.florist, &email("rui"), Role::Admin).await;
    let token = invited.unwrap().token.expose_secret().to_owned();
    let bakery = Some(&world.bakery);
    let here = sign_in(&world.platform, &person("rui"), None, Some(&token), bakery, &Client::default()).await.unwrap();
    assert_eq!((&here.organization, here.organizations.len()), (&world.bakery, 2));
    let role = member_role(&world.platform, &world.florist, &here.member).await.unwrap();
    assert_eq!(role, Some(Role::Admin), "it was accepted all the same");
}

#[tokio::test]
async fn what_a_person_is_called_now_is_taken_over() {
    let world = World::new().await;
    let married = VerifiedIdentity { name: Some("Ana Lima".to_owned()), email: email("lima").into(), ..person("ana") };
    sign_in(&world.platform, &married, None, None, None, &client()).await.unwrap();
    let ana = members::get(&world.platform, &world.bakery, &world.ana).await.unwrap().unwrap().value;
    assert_eq!((ana.name.as_deref(), ana.email, ana.role), (Some("Ana Lima"), Some(email("lima")), Role::Owner));
}

#[tokio::test]
async fn an_organization_that_has_nobody_is_claimed_once() {
    let world = World::empty();
    let (platform, system) = (&world.platform, Actor::system());
    let missing = claim(platform, &system, &world.bakery, &person("ana")).await;
    assert!(matches!(missing, Err(AccessError::NotFound)));
    world.make(&world.bakery, Plan::Free).await;
    world.commits.meet(2);
    let (ana, rui) = (person("ana"), person("rui"));
    let (first, second) =
        tokio::join!(claim(platform, &system, &world.bakery, &ana), claim(platform, &system, &world.bakery, &rui));
    let (owner, other, name) = if first.is_ok() { (first, second, "ana") } else { (second, first, "rui") };
    assert!(matches!(other, Err(AccessError::Forbidden)));
    let again = claim(platform, &system, &world.bakery, &person(name)).await.unwrap();
    assert_eq!(owner.unwrap(), again);
    assert_eq!(world.signs_in(name).await.unwrap().role, Role::Owner);
}
