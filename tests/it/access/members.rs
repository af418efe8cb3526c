use domain::access::Role;
use domain::{MemberId, OrganizationId, Plan};
use flow::access::{AccessError, member_role, members};
use flow::audit::Actor;
use flow::browse::Cursor;
use flow::records::{read_roster, roster_path};

use super::world::{World, by, client, person};

impl World {
    async fn role(&self, member: &MemberId) -> Option<Role> {
        member_role(&self.platform, &self.bakery, member).await.unwrap()
    }

    async fn changes(&self, actor: &Actor, member: &MemberId, role: Role) -> Result<(), AccessError> {
        members::change_role(&self.platform, actor, &self.bakery, member, role, None).await.map(drop)
    }

    async fn removes(&self, actor: &Actor, member: &MemberId) -> Result<(), AccessError> {
        members::remove(&self.platform, actor, &self.bakery, member, None).await
    }

    /// The owners by their memberships, and by the roster, which must say the same.
    async fn owners(&self) -> Vec<MemberId> {
        let page = members::list(&self.platform, &self.bakery, None, 100).await.unwrap();
        let mut owners: Vec<_> = page.items.iter().filter(|m| m.role == Role::Owner).map(|m| m.id.clone()).collect();
        owners.sort();
        let document = self.platform.documents.get(&roster_path(&self.bakery)).await.unwrap();
        let mut roster = read_roster(&self.platform, document.as_ref()).unwrap();
        roster.owners.sort();
        assert_eq!((roster.owners, roster.members as usize), (owners.clone(), page.items.len()));
        owners
    }
}

#[tokio::test]
async fn members_are_listed_page_by_page_the_newest_first() {
    let world = World::new().await;
    let mut joined = vec![world.ana.clone()];
    for n in 0..7 {
        joined.push(world.joins(&format!("p{n}"), Role::Agent).await);
    }
    joined.reverse();
    let (mut found, mut after) = (Vec::new(), None);
    loop {
        let page = members::list(&world.platform, &world.bakery, after.as_ref(), 3).await.unwrap();
        assert!(page.items.len() <= 3);
        found.extend(page.items.into_iter().map(|member| member.id));
        let Some(next) = page.next else { break };
        assert_eq!(Cursor::of::<domain::MemberId>(&next.to_string()), Ok(next.clone()));
        assert!(Cursor::of::<domain::ApiKeyId>(&next.to_string()).is_err());
        after = Some(next);
    }
    assert_eq!(found, joined);
    let ana = members::get(&world.platform, &world.bakery, &world.ana).await.unwrap().unwrap().value;
    assert_eq!((ana.role, ana.name.as_deref(), ana.email), (Role::Owner, Some("ana"), person("ana").email));
}

#[tokio::test]
async fn a_change_of_role_needs_who_decides_on_both_roles() {
    let world = World::new().await;
    let subject = world.joins("subject", Role::Viewer).await;
    for acting in Role::ALL {
        let actor = world.joins(&format!("{}-acting", acting.as_str()), acting).await;
        for before in Role::ALL {
            for after in Role::ALL {
                world.changes(&Actor::system(), &subject, before).await.unwrap();
                let changed = world.changes(&by(&actor), &subject, after).await;
                let may = acting.decides_on(before) && acting.decides_on(after);
                assert_eq!(changed.is_ok(), may, "{acting:?} {before:?} {after:?}");
                assert!(may || matches!(changed, Err(AccessError::Forbidden)));
                assert_eq!(world.role(&subject).await, Some(if may { after } else { before }));
            }
        }
    }
    world.owners().await;
}

#[tokio::test]
async fn members_are_taken_out_by_who_decides_on_them_and_leave_by_themselves() {
    let world = World::new().await;
    for acting in Role::ALL {
        for role in Role::ALL {
            let actor = world.joins("acting", acting).await;
            let subject = world.joins("subject", role).await;
            let removed = world.removes(&by(&actor), &subject).await;
            assert_eq!(removed.is_ok(), acting.decides_on(role), "{acting:?} {role:?}");
            if removed.is_err() {
                world.removes(&by(&subject), &subject).await.unwrap();
            }
            assert_eq!(world.role(&subject).await, None);
            assert!(matches!(world.removes(&by(&actor), &subject).await, Err(AccessError::NotFound)));
            world.removes(&by(&actor), &actor).await.unwrap();
        }
    }
    assert_eq!(world.owners().await, std::slice::from_ref(&world.ana));
}

#[tokio::test]
async fn an_organization_keeps_its_last_owner() {
    let world = World::new().await;
    let ana = by(&world.ana);
    assert!(matches!(world.changes(&ana, &world.ana, Role::Admin).await, Err(AccessError::LastOwner)));
    assert!(matches!(world.removes(&ana, &world.ana).await, Err(AccessError::LastOwner)));
    assert!(matches!(world.removes(&Actor::system(), &world.ana).await, Err(AccessError::LastOwner)));
    let rui = world.joins("rui", Role::Admin).await;
    world.changes(&ana, &rui, Role::Owner).await.unwrap();
    world.changes(&ana, &world.ana, Role::Viewer).await.unwrap();
    assert!(matches!(world.changes(&by(&rui), &rui, Role::Admin).await, Err(AccessError::LastOwner)));
    assert_eq!(world.owners().await, [rui]);
}

#[tokio::test]
async fn two_owners_who_demote_each_other_at_once_leave_one() {
    let world = World::new().await;
    for round in 0..10 {
        let rui = world.joins("rui", Role::Owner).await;
        let bia = world.joins("bia", Role::Owner).await;
        let stays = world.owners().await.into_iter().find(|owner| *owner != rui && *owner != bia).unwrap();
        world.removes(&by(&stays), &stays).await.unwrap();
        // Both have read that there are two owners before either of them writes.
        world.commits.meet(2);
        let (by_rui, by_bia) = (by(&rui), by(&bia));
        let (first, second) = match round % 2 {
            0 => {
                let demotes = |actor, member| world.changes(actor, member, Role::Agent);
                tokio::join!(demotes(&by_rui, &bia), demotes(&by_bia, &rui))
            }
            _ => tokio::join!(world.removes(&by_rui, &bia), world.removes(&by_bia, &rui)),
        };
        assert_eq!([first.is_ok(), second.is_ok()].iter().filter(|ok| **ok).count(), 1, "{first:?} {second:?}");
        let failed = first.err().or(second.err()).unwrap();
        assert!(matches!(failed, AccessError::Forbidden | AccessError::LastOwner), "{failed:?}");
        let owners = world.owners().await;
        assert_eq!(owners.len(), 1);
        // The round begins anew with whoever is left.
        for member in [&rui, &bia] {
            if world.role(member).await.is_some_and(|role| role != Role::Owner) {
                world.removes(&Actor::system(), member).await.unwrap();
            }
        }
        let next = world.joins("ana", Role::Owner).await;
        for member in [rui, bia].into_iter().filter(|member| owners.contains(member)) {
            world.removes(&by(&next), &member).await.unwrap();
        }
    }
}

#[tokio::test]
async fn of_owners_who_all_leave_at_once_one_stays() {
    let world = World::new().await;
    let mut owners = vec![world.ana.clone()];
    for n in 0..5 {
        owners.push(world.joins(&format!("o{n}"), Role::Owner).await);
    }
    world.commits.meet(6);
    let leave = owners.iter().map(async |owner| world.removes(&by(owner), owner).await);
    let left = futures::future::join_all(leave).await;
    assert_eq!(left.iter().filter(|left| matches!(left, Err(AccessError::LastOwner))).count(), 1, "{left:?}");
    assert_eq!(left.iter().filter(|left| left.is_ok()).count(), 5);
    assert_eq!(world.owners().await.len(), 1);
}

#[tokio::test]
async fn a_change_is_undone_when_its_maker_loses_the_right_to_it_meanwhile() {
    let world = World::new().await;
    let rui = world.joins("rui", Role::Admin).await;
    let bia = world.joins("bia", Role::Agent).await;
    let (platform, bakery, admin, ana) = (world.platform.clone(), world.bakery.clone(), rui.clone(), by(&world.ana));
    world.commits.before_next(async move {
        members::change_role(&platform, &ana, &bakery, &admin, Role::Viewer, None).await.unwrap();
    });
    assert!(matches!(world.removes(&by(&rui), &bia).await, Err(AccessError::Forbidden)));
    assert_eq!((world.role(&rui).await, world.role(&bia).await), (Some(Role::Viewer), Some(Role::Agent)));
}

#[tokio::test]
async fn a_member_who_was_taken_out_has_no_session_and_no_role() {
    let world = World::new().await;
    let rui = world.joins("rui", Role::Admin).await;
    world.joins_organization(&world.florist, "rui", Role::Viewer).await;
    let bakery = Some(&world.bakery);
    let here = flow::access::sign_in(&world.platform, &person("rui"), None, None, bakery, &client()).await.unwrap();
    world.removes(&by(&world.ana), &rui).await.unwrap();
    assert_eq!(world.role(&rui).await, None);
    let left = flow::access::sessions::list(&world.platform, &rui).await.unwrap();
    assert!(!left.is_empty() && left.iter().all(|session| session.organization == world.florist));
    assert!(!flow::access::sessions::is_live(&world.platform, &rui, &here.session.id).await.unwrap());
    assert!(matches!(world.changes(&by(&rui), &world.ana, Role::Viewer).await, Err(AccessError::Forbidden)));
}

#[tokio::test]
async fn another_organizations_members_are_as_if_they_were_not() {
    let world = World::new().await;
    let rui = world.joins("rui", Role::Agent).await;
    let (platform, florist) = (&world.platform, &world.florist);
    assert_eq!(members::get(platform, florist, &rui).await.unwrap(), None);
    assert_eq!(member_role(platform, florist, &rui).await.unwrap(), None);
    let flor = by(&world.flor);
    let changed = members::change_role(platform, &flor, florist, &rui, Role::Viewer, None).await;
    assert!(matches!(changed, Err(AccessError::NotFound)));
    assert!(matches!(members::remove(platform, &flor, florist, &rui, None).await, Err(AccessError::NotFound)));
    // Nor does a role in one organization give any right in another.
    assert!(matches!(world.changes(&flor, &rui, Role::Viewer).await, Err(AccessError::Forbidden)));
    assert!(matches!(world.removes(&flor, &rui).await, Err(AccessError::Forbidden)));
    let nowhere = OrganizationId::from_bits([9; 16]);
    assert!(members::list(platform, &nowhere, None, 10).await.unwrap().items.is_empty());
    assert_eq!(world.role(&rui).await, Some(Role::Agent));
}

#[tokio::test]
async fn a_change_that_was_asked_for_an_older_state_is_not_made() {
    let world = World::new().await;
    let rui = world.joins("rui", Role::Agent).await;
    let read = members::get(&world.platform, &world.bakery, &rui).await.unwrap().unwrap();
    world.changes(&by(&world.ana), &rui, Role::Supervisor).await.unwrap();
    let (platform, bakery, ana, old) = (&world.platform, &world.bakery, by(&world.ana), Some(&read.version));
    let late = members::change_role(platform, &ana, bakery, &rui, Role::Viewer, old).await;
    assert!(matches!(late, Err(AccessError::Changed)));
    assert!(matches!(members::remove(platform, &ana, bakery, &rui, old).await, Err(AccessError::Changed)));
    let read = members::get(platform, bakery, &rui).await.unwrap().unwrap();
    members::change_role(platform, &ana, bakery, &rui, Role::Viewer, Some(&read.version)).await.unwrap();
}

#[tokio::test]
async fn a_change_whose_answer_was_lost_is_made_once_and_can_be_asked_for_again() {
    let world = World::new().await;
    let rui = world.joins("rui", Role::Agent).await;
    world.commits.lose(1);
    assert!(matches!(world.changes(&by(&world.ana), &rui, Role::Admin).await, Err(AccessError::Job(_))));
    world.changes(&by(&world.ana), &rui, Role::Admin).await.unwrap();
    assert_eq!(world.audited("member.role_changed").await, 1);
    world.commits.lose(1);
    assert!(matches!(world.removes(&by(&world.ana), &rui).await, Err(AccessError::Job(_))));
    assert!(matches!(world.removes(&by(&world.ana), &rui).await, Err(AccessError::NotFound)));
    assert_eq!((world.owners().await.len(), world.audited("member.removed").await), (1, 1));
}

#[tokio::test]
async fn every_change_says_in_the_audit_log_who_made_it() {
    let world = World::new().await;
    let rui = world.joins("rui", Role::Agent).await;
    world.changes(&by(&world.ana), &rui, Role::Admin).await.unwrap();
    world.wait(domain::Span::from_seconds(1));
    world.removes(&by(&world.ana), &rui).await.unwrap();
    let log = world.audit(&world.bakery).await;
    let changed = log.iter().find(|entry| entry.action == "member.role_changed").unwrap();
    assert_eq!(changed.actor, by(&world.ana));
    assert_eq!(changed.target.as_deref(), Some(rui.as_str()));
    let details = [("from".to_owned(), "agent".to_owned()), ("to".to_owned(), "admin".to_owned())];
    assert_eq!(changed.details, details);
    assert_eq!(log.last().unwrap().action, "member.removed");
    assert!(log.iter().all(|entry| !format!("{:?}", entry.details).contains("rui")), "names are not in it");
    // A change that changes nothing is none.
    world.on_plan(Plan::Business).await;
    world.changes(&by(&world.ana), &world.ana, Role::Owner).await.unwrap();
    assert_eq!(world.audit(&world.bakery).await.len(), log.len());
}
