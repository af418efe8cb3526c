use std::net::IpAddr;

use domain::access::{Permission, Role};
use domain::address::AddressRange;
use domain::api_key::ApiKeySecret;
use domain::{ApiKeyId, DisplayName, Plan, Span};
use flow::access::api_keys::{self, Issued, KeyChange, NewApiKey, authenticate};
use flow::access::{AccessError, members};
use flow::audit::{Actor, Who};
use flow::browse::Cursor;
use flow::ports::Value;
use flow::records::{ApiKey, api_key_path};

use super::world::{World, by, just_before};

const SCOPES: [Permission; 2] = [Permission::MessagesSend, Permission::ConversationsRead];

fn new(scopes: &[Permission]) -> NewApiKey {
    let name = DisplayName::parse("CRM").unwrap();
    NewApiKey { name, scopes: scopes.to_vec(), ranges: Vec::new(), expires_at: None }
}

impl World {
    async fn makes(&self, actor: &Actor, new: &NewApiKey) -> Result<Issued, AccessError> {
        api_keys::create(&self.platform, actor, &self.bakery, new).await
    }

    async fn key(&self) -> Issued {
        self.makes(&by(&self.ana), &new(&SCOPES)).await.unwrap()
    }

    async fn rotates(&self, id: &ApiKeyId) -> Result<Issued, AccessError> {
        api_keys::rotate(&self.platform, &by(&self.ana), &self.bakery, id, None).await
    }

    async fn revokes(&self, id: &ApiKeyId) -> Result<ApiKey, AccessError> {
        api_keys::revoke(&self.platform, &by(&self.ana), &self.bakery, id, None).await
    }

    async fn changes_key(&self, actor: &Actor, id: &ApiKeyId, change: &KeyChange) -> Result<ApiKey, AccessError> {
        api_keys::change(&self.platform, actor, &self.bakery, id, change, None).await
    }

    async fn known(&self, id: &ApiKeyId) -> ApiKey {
        api_keys::get(&self.platform, &self.bakery, id).await.unwrap().unwrap().value
    }

    /// `ok`, or the reason.
    async fn presents(&self, secret: &str) -> String {
        self.presents_from(secret, None).await
    }

    async fn presents_from(&self, secret: &str, address: Option<&str>) -> String {
        let address = address.map(|address| address.parse::<IpAddr>().unwrap());
        match authenticate(&self.platform, secret, address).await {
            Ok(found) => {
                assert_eq!(found.organization, self.bakery);
                "ok".to_owned()
            }
            Err(error) => format!("{error:?}"),
        }
    }
}

/// Who acts is a program.
fn by_key(id: &ApiKeyId) -> Actor {
    Actor { who: Who::ApiKey(id.clone()), ..Actor::system() }
}

#[tokio::test]
async fn a_key_lets_a_program_in_with_its_scopes() {
    let world = World::new().await;
    let issued = world.key().await;
    assert_eq!(issued.key.expires_at.since(issued.key.created_at), Span::from_days(365));
    assert!(!format!("{issued:?}").contains(issued.secret.expose()));
    let found = authenticate(&world.platform, issued.secret.expose(), None).await.unwrap();
    assert_eq!((found.key, found.organization), (issued.key.id.clone(), world.bakery.clone()));
    assert_eq!(found.scopes, [Permission::ConversationsRead, Permission::MessagesSend]);
    let log = world.audit(&world.bakery).await;
    let entry = log.iter().find(|entry| entry.action == "api_key.created").unwrap();
    assert_eq!(entry.details, [("scopes".to_owned(), "conversations:read messages:send".to_owned())]);
    assert_eq!((&entry.actor, entry.target.as_deref()), (&by(&world.ana), Some(issued.key.id.as_str())));
}

#[tokio::test]
async fn a_key_that_is_not_good_opens_nothing_each_for_its_own_reason() {
    let world = World::new().await;
    let issued = world.key().await;
    let secret = issued.secret.expose().to_owned();
    let mut mistyped = secret.clone().into_bytes();
    mistyped[50] = if mistyped[50] == b'a' { b'b' } else { b'a' };
    let mistyped = String::from_utf8(mistyped).unwrap();
    let stranger = ApiKeySecret::new(&ApiKeyId::from_bits([9; 16]), [1; 32]);
    let guessed = ApiKeySecret::new(&issued.key.id, [1; 32]);
    for (presented, reason) in [
        ("", "Malformed"),
        ("key-of-the-bakery", "Malformed"),
        (&secret[1..], "Malformed"),
        (&secret[..secret.len() - 1], "Malformed"),
        (&mistyped, "Checksum"),
        (stranger.expose(), "Unknown"),
        (guessed.expose(), "Secret"),
        (&secret, "ok"),
    ] {
        assert_eq!(world.presents(presented).await, reason, "{presented}");
    }
    world.wait(just_before(Span::from_days(365)));
    assert_eq!(world.presents(&secret).await, "ok");
    world.wait(Span::from_micros(1));
    assert_eq!(world.presents(&secret).await, "Expired");
    world.revokes(&issued.key.id).await.unwrap();
    assert_eq!(world.presents(&secret).await, "Revoked");
    assert_eq!(world.presents(guessed.expose()).await, "Secret", "who guesses does not learn what became of it");
}

#[tokio::test]
async fn nothing_of_a_secret_is_stored() {
    let world = World::new().await;
    let issued = world.key().await;
    world.rotates(&issued.key.id).await.unwrap();
    let document = world.platform.documents.get(&api_key_path(&issued.key.id)).await.unwrap().unwrap();
    let random = issued.secret.expose().split('_').nth(3).unwrap();
    for value in document.fields.values() {
        let text = match value {
            Value::Text(text) => text.clone(),
            Value::Bytes(bytes) => String::from_utf8_lossy(bytes).into_owned(),
            _ => String::new(),
        };
        assert!(!text.contains(random));
    }
}

#[tokio::test]
async fn a_key_with_ranges_is_good_from_there_alone() {
    let world = World::new().await;
    let ranges = ["203.0.113.0/24", "2001:db8::/32"].map(|range| AddressRange::parse(range).unwrap()).to_vec();
    let issued = world.makes(&by(&world.ana), &NewApiKey { ranges, ..new(&SCOPES) }).await.unwrap();
    let secret = issued.secret.expose();
    for (address, reason) in [
        (Some("203.0.113.7"), "ok"),
        (Some("::ffff:203.0.113.7"), "ok"),
        (Some("2001:db8::7"), "ok"),
        (Some("203.0.114.7"), "Address"),
        (Some("2001:db9::7"), "Address"),
        (None, "Address"),
    ] {
        assert_eq!(world.presents_from(secret, address).await, reason, "{address:?}");
    }
    let anywhere = KeyChange { ranges: Some(Vec::new()), ..KeyChange::default() };
    world.changes_key(&by(&world.ana), &issued.key.id, &anywhere).await.unwrap();
    assert_eq!(world.presents_from(secret, Some("203.0.114.7")).await, "ok");
}

#[tokio::test]
async fn after_a_rotation_both_secrets_are_good_for_seven_days() {
    let world = World::new().await;
    let first = world.key().await;
    let id = &first.key.id;
    let second = world.rotates(id).await.unwrap();
    assert_eq!((&second.key.id, second.key.rotated_at), (id, Some(world.platform.clock.now())));
    let (first, second) = (first.secret.expose(), second.secret.expose());
    assert_ne!(first, second);
    world.wait(just_before(Span::from_days(7)));
    assert_eq!((world.presents(first).await, world.presents(second).await), ("ok".into(), "ok".into()));
    world.wait(Span::from_micros(1));
    assert_eq!((world.presents(first).await, world.presents(second).await), ("Replaced".into(), "ok".into()));
    // A second rotation within the overlap ends the oldest at once.
    let third = world.rotates(id).await.unwrap();
    let fourth = world.rotates(id).await.unwrap();
    assert_eq!(world.presents(second).await, "Secret");
    assert_eq!(world.presents(third.secret.expose()).await, "ok");
    assert_eq!(world.presents(fourth.secret.expose()).await, "ok");
    assert_eq!(world.audited("api_key.rotated").await, 3);
}

#[tokio::test]
async fn rotations_at_once_leave_the_last_two_secrets() {
    let world = World::new().await;
    let key = world.key().await;
    world.commits.meet(4);
    let rotated = (0..4).map(async |_| world.rotates(&key.key.id).await.unwrap());
    let rotated = futures::future::join_all(rotated).await;
    let mut good = 0;
    for issued in &rotated {
        good += usize::from(world.presents(issued.secret.expose()).await == "ok");
    }
    assert_eq!(good, 2);
}

#[tokio::test]
async fn a_key_is_never_good_for_longer_than_a_year() {
    let world = World::new().await;
    let now = world.platform.clock.now();
    let until = |at| NewApiKey { expires_at: Some(at), ..new(&SCOPES) };
    let ana = by(&world.ana);
    let key = world.makes(&ana, &until(now + Span::from_days(30))).await.unwrap().key;
    assert_eq!(key.expires_at, now + Span::from_days(30));
    assert!(world.makes(&ana, &until(now + Span::from_days(365))).await.is_ok());
    for wrong in [now, now - Span::from_days(1), now + Span::from_days(365) + Span::from_micros(1)] {
        assert!(matches!(world.makes(&ana, &until(wrong)).await, Err(AccessError::Invalid(_))), "{wrong}");
    }
    assert!(matches!(world.makes(&ana, &new(&[])).await, Err(AccessError::Invalid(_))));
}

#[tokio::test]
async fn nobody_makes_or_gets_a_key_that_may_more_than_they_may() {
    let world = World::new().await;
    for acting in Role::ALL {
        let actor = by(&world.joins(acting.as_str(), acting).await);
        for scope in Permission::ALL {
            let may = acting.allows(Permission::ApiKeysWrite) && acting.allows(scope);
            let made = world.makes(&actor, &new(&[scope])).await;
            assert_eq!(made.is_ok(), may, "{acting:?} {scope:?}");
            if let Ok(made) = made {
                world.revokes(&made.key.id).await.unwrap();
            }
        }
    }
    // A program with the right to make keys makes none that may more than it may.
    let maker = world.makes(&by(&world.ana), &new(&[Permission::ApiKeysWrite, Permission::EventsRead])).await.unwrap();
    let program = by_key(&maker.key.id);
    assert!(world.makes(&program, &new(&[Permission::EventsRead])).await.is_ok());
    assert!(matches!(world.makes(&program, &new(&SCOPES)).await, Err(AccessError::Forbidden)));
    let strong = world.key().await.key;
    let rotated = api_keys::rotate(&world.platform, &program, &world.bakery, &strong.id, None).await;
    assert!(matches!(rotated, Err(AccessError::Forbidden)), "its secret would be theirs");
    let widen = KeyChange { scopes: Some(Permission::ALL.to_vec()), ..KeyChange::default() };
    assert!(matches!(world.changes_key(&program, &maker.key.id, &widen).await, Err(AccessError::Forbidden)));
    let narrow = KeyChange { scopes: Some(vec![Permission::MessagesSend]), ..KeyChange::default() };
    assert_eq!(world.changes_key(&program, &strong.id, &narrow).await.unwrap().scopes, [Permission::MessagesSend]);
    let open = KeyChange { ranges: Some(vec![AddressRange::parse("0.0.0.0/0").unwrap()]), ..KeyChange::default() };
    assert!(matches!(world.changes_key(&program, &strong.id, &open).await, Err(AccessError::Forbidden)));
    // And it may nothing any more once it is revoked.
    world.revokes(&maker.key.id).await.unwrap();
    assert!(matches!(world.makes(&program, &new(&[Permission::EventsRead])).await, Err(AccessError::Forbidden)));
}

#[tokio::test]
async fn a_program_that_may_change_members_decides_as_an_admin_does() {
    let world = World::new().await;
    let rui = world.joins("rui", Role::Viewer).await;
    let scopes = [Permission::MembersWrite];
    let key = world.makes(&by(&world.ana), &new(&scopes)).await.unwrap().key;
    for role in Role::ALL {
        let changed = members::change_role(&world.platform, &by_key(&key.id), &world.bakery, &rui, role, None).await;
        assert_eq!(changed.is_ok(), Role::Admin.decides_on(role), "{role:?}");
    }
    let weak = world.key().await.key;
    let changed =
        members::change_role(&world.platform, &by_key(&weak.id), &world.bakery, &rui, Role::Agent, None).await;
    assert!(matches!(changed, Err(AccessError::Forbidden)));
}

#[tokio::test]
async fn another_organizations_keys_are_as_if_they_were_not() {
    let world = World::new().await;
    let key = world.key().await.key;
    let (platform, florist, flor) = (&world.platform, &world.florist, by(&world.flor));
    assert_eq!(api_keys::get(platform, florist, &key.id).await.unwrap(), None);
    assert!(api_keys::list(platform, florist, None, 10).await.unwrap().items.is_empty());
    let rename = KeyChange { name: DisplayName::parse("mine").ok(), ..KeyChange::default() };
    let changed = api_keys::change(platform, &flor, florist, &key.id, &rename, None).await;
    assert!(matches!(changed, Err(AccessError::NotFound)));
    assert!(matches!(api_keys::rotate(platform, &flor, florist, &key.id, None).await, Err(AccessError::NotFound)));
    assert!(matches!(api_keys::revoke(platform, &flor, florist, &key.id, None).await, Err(AccessError::NotFound)));
    assert!(matches!(world.changes_key(&flor, &key.id, &rename).await, Err(AccessError::Forbidden)));
    let made = api_keys::create(platform, &by_key(&key.id), florist, &new(&SCOPES)).await;
    assert!(matches!(made, Err(AccessError::Forbidden)), "a key is nobody in another organization");
    assert_eq!(world.known(&key.id).await, key);
}

#[tokio::test]
async fn a_key_is_changed_in_the_state_that_was_asked_for_and_not_once_it_is_revoked() {
    let world = World::new().await;
    let key = world.key().await.key;
    let read = api_keys::get(&world.platform, &world.bakery, &key.id).await.unwrap().unwrap();
    let rename = |name: &str| KeyChange { name: DisplayName::parse(name).ok(), ..KeyChange::default() };
    world.changes_key(&by(&world.ana), &key.id, &rename("ERP")).await.unwrap();
    let (platform, bakery, ana, old) = (&world.platform, &world.bakery, by(&world.ana), Some(&read.version));
    let late = api_keys::change(platform, &ana, bakery, &key.id, &rename("late"), old).await;
    assert!(matches!(late, Err(AccessError::Changed)));
    assert!(matches!(api_keys::rotate(platform, &ana, bakery, &key.id, old).await, Err(AccessError::Changed)));
    assert!(matches!(api_keys::revoke(platform, &ana, bakery, &key.id, old).await, Err(AccessError::Changed)));
    assert_eq!(world.known(&key.id).await.name.as_str(), "ERP");
    let revoked = world.revokes(&key.id).await.unwrap();
    world.wait(Span::from_hours(1));
    assert_eq!(world.revokes(&key.id).await.unwrap(), revoked, "a second time changes nothing");
    assert!(matches!(world.changes_key(&ana, &key.id, &rename("x")).await, Err(AccessError::Invalid(_))));
    assert!(matches!(world.rotates(&key.id).await, Err(AccessError::Invalid(_))));
    assert_eq!(world.audited("api_key.revoked").await, 1);
}

#[tokio::test]
async fn the_last_use_is_known_to_five_minutes() {
    let world = World::new().await;
    let issued = world.key().await;
    let (id, secret) = (&issued.key.id, issued.secret.expose());
    let begin = world.platform.clock.now();
    assert_eq!(world.known(id).await.last_used_at, None);
    assert_eq!(world.presents(secret).await, "ok");
    world.wait(Span::from_seconds(299));
    assert_eq!(world.presents(secret).await, "ok");
    assert_eq!(world.known(id).await.last_used_at, Some(begin));
    world.wait(Span::from_seconds(1));
    assert_eq!(world.presents(secret).await, "ok");
    assert_eq!(world.known(id).await.last_used_at, Some(begin + Span::from_minutes(5)));
    // A refused use is none, and one that cannot be noted is let in all the same.
    world.wait(Span::from_minutes(5));
    assert_eq!(world.presents(ApiKeySecret::new(id, [1; 32]).expose()).await, "Secret");
    assert_eq!(world.known(id).await.last_used_at, Some(begin + Span::from_minutes(5)));
    world.commits.fail(1);
    assert_eq!(world.presents(secret).await, "ok");
    assert_eq!(world.known(id).await.last_used_at, Some(begin + Span::from_minutes(5)));
}

#[tokio::test]
async fn noting_a_use_does_not_bring_a_revoked_key_back() {
    let world = World::new().await;
    let issued = world.key().await;
    let (platform, bakery, ana, id) =
        (world.platform.clone(), world.bakery.clone(), by(&world.ana), issued.key.id.clone());
    world.commits.before_next(async move {
        api_keys::revoke(&platform, &ana, &bakery, &id, None).await.unwrap();
    });
    // It was good when it was looked at.
    assert_eq!(world.presents(issued.secret.expose()).await, "ok");
    assert_eq!(world.presents(issued.secret.expose()).await, "Revoked");
}

#[tokio::test]
async fn good_keys_stay_within_the_plan_also_when_they_are_made_at_once() {
    let world = World::new().await;
    world.on_plan(Plan::Free).await;
    let ana = by(&world.ana);
    world.commits.meet(5);
    let made = (0..5).map(async |_| world.makes(&ana, &new(&SCOPES)).await);
    let made = futures::future::join_all(made).await;
    assert_eq!(made.iter().filter(|made| made.is_ok()).count(), 2);
    assert!(made.iter().all(|made| matches!(made, Ok(_) | Err(AccessError::PlanLimit(2)))));
    let first = made.iter().flatten().next().unwrap().key.id.clone();
    world.revokes(&first).await.unwrap();
    let short = NewApiKey { expires_at: Some(world.platform.clock.now() + Span::from_hours(1)), ..new(&SCOPES) };
    world.makes(&ana, &short).await.unwrap();
    assert!(matches!(world.makes(&ana, &short).await, Err(AccessError::PlanLimit(2))));
    world.wait(Span::from_hours(1));
    assert!(world.makes(&ana, &new(&SCOPES)).await.is_ok(), "one that has ended does not count");
}

#[tokio::test]
async fn keys_are_listed_page_by_page_the_newest_first() {
    let world = World::new().await;
    let mut made = Vec::new();
    for _ in 0..5 {
        world.wait(Span::from_seconds(1));
        made.push(world.key().await.key.id);
    }
    world.revokes(&made[2]).await.unwrap();
    made.reverse();
    let first = api_keys::list(&world.platform, &world.bakery, None, 3).await.unwrap();
    let next = Cursor::of::<domain::ApiKeyId>(&first.next.unwrap().to_string()).unwrap();
    let second = api_keys::list(&world.platform, &world.bakery, Some(&next), 3).await.unwrap();
    assert_eq!(second.next, None);
    let found: Vec<_> = first.items.into_iter().chain(second.items).map(|key| key.id).collect();
    assert_eq!(found, made);
}
