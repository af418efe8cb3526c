use domain::{MemberId, SessionId, Span};
use flow::access::sessions::{self, Begun, Client, RefreshError};
use secrecy::ExposeSecret;

use super::world::{World, by, client, just_before};

impl World {
    pub async fn begins(&self) -> Begun {
        sessions::begin(&self.platform, &self.ana, &self.bakery, &client()).await.unwrap()
    }

    pub async fn is_live(&self, session: &SessionId) -> bool {
        sessions::is_live(&self.platform, &self.ana, session).await.unwrap()
    }

    pub async fn refreshes(&self, token: &str) -> Result<String, RefreshError> {
        let refreshed = sessions::refresh(&self.platform, token, &client()).await?;
        assert_eq!(refreshed.member, self.ana);
        Ok(refreshed.refresh_token.expose_secret().to_owned())
    }

    async fn sessions(&self) -> Vec<SessionId> {
        sessions::list(&self.platform, &self.ana).await.unwrap().into_iter().map(|session| session.id).collect()
    }
}

#[tokio::test]
async fn a_session_is_seen_with_where_it_came_from_until_it_ends() {
    let world = World::new().await;
    let begun = world.begins().await;
    let listed = sessions::list(&world.platform, &world.ana).await.unwrap();
    assert_eq!(listed, std::slice::from_ref(&begun.session));
    let session = &listed[0];
    assert_eq!((session.client.as_deref(), session.address.as_deref()), (Some("Firefox"), Some("192.0.2.7")));
    assert_eq!(session.expires_at.since(session.created_at), Span::from_days(14));
    assert!(world.is_live(&session.id).await);
    assert!(!sessions::is_live(&world.platform, &world.flor, &session.id).await.unwrap(), "another's");
    assert!(sessions::end(&world.platform, &by(&world.ana), &world.ana, &session.id).await.unwrap());
    assert!(!world.is_live(&session.id).await && world.sessions().await.is_empty());
    assert!(!sessions::end(&world.platform, &by(&world.ana), &world.ana, &session.id).await.unwrap());
    assert_eq!(world.audited("session.ended").await, 1);
    let refreshed = world.refreshes(begun.refresh_token.expose_secret()).await;
    assert!(matches!(refreshed, Err(RefreshError::Unknown)));
}

#[tokio::test]
async fn nobody_ends_another_persons_session() {
    let world = World::new().await;
    let begun = world.begins().await;
    let id = &begun.session.id;
    assert!(!sessions::end(&world.platform, &by(&world.flor), &world.flor, id).await.unwrap());
    assert_eq!(sessions::end_all(&world.platform, &by(&world.flor), &world.flor, None).await.unwrap(), 0);
    assert!(world.is_live(id).await);
}

#[tokio::test]
async fn all_sessions_but_one_end_together() {
    let world = World::new().await;
    let mut begun = Vec::new();
    for _ in 0..5 {
        begun.push(world.begins().await.session.id);
    }
    let ended = sessions::end_all(&world.platform, &by(&world.ana), &world.ana, Some(&begun[2])).await.unwrap();
    assert_eq!((ended, world.sessions().await), (4, vec![begun[2].clone()]));
    assert_eq!(sessions::end_all(&world.platform, &by(&world.ana), &world.ana, None).await.unwrap(), 1);
    assert!(world.sessions().await.is_empty());
    assert_eq!(world.audited("session.ended").await, 5);
}

#[tokio::test]
async fn the_oldest_of_too_many_sessions_gives_way() {
    let world = World::new().await;
    let mut begun = Vec::new();
    for _ in 0..23 {
        world.wait(Span::from_seconds(1));
        begun.push(world.begins().await.session.id);
    }
    begun.reverse();
    assert_eq!(world.sessions().await, begun[..20]);
    assert!(world.is_live(&begun[19]).await && !world.is_live(&begun[20]).await);
}

#[tokio::test]
async fn a_session_ends_by_itself_after_fourteen_idle_days_and_after_ninety() {
    let world = World::new().await;
    let idle = world.begins().await;
    world.wait(just_before(Span::from_days(14)));
    assert!(world.is_live(&idle.session.id).await);
    world.wait(Span::from_micros(1));
    assert!(!world.is_live(&idle.session.id).await);
    let refreshed = world.refreshes(idle.refresh_token.expose_secret()).await;
    assert!(matches!(refreshed, Err(RefreshError::Expired)));

    let used = world.begins().await;
    let mut token = used.refresh_token.expose_secret().to_owned();
    for _ in 0..8 {
        world.wait(Span::from_days(11));
        token = world.refreshes(&token).await.unwrap();
    }
    world.wait(just_before(Span::from_days(2)));
    assert!(world.is_live(&used.session.id).await);
    let listed = sessions::list(&world.platform, &world.ana).await.unwrap();
    assert_eq!(listed[0].expires_at, used.session.created_at + Span::from_days(90));
    world.wait(Span::from_micros(1));
    assert!(!world.is_live(&used.session.id).await);
    assert!(matches!(world.refreshes(&token).await, Err(RefreshError::Expired)));
}

#[tokio::test]
async fn what_a_client_says_of_itself_is_kept_to_a_length() {
    let world = World::new().await;
    let talks = Client { description: Some("é".repeat(5_000)), ..Client::default() };
    let begun = sessions::begin(&world.platform, &world.ana, &world.bakery, &talks).await.unwrap();
    assert_eq!(begun.session.client, Some("é".repeat(200)));
}

#[tokio::test]
async fn nothing_of_a_session_can_be_read_in_the_store() {
    let world = World::new().await;
    let begun = world.begins().await;
    let key = flow::records::sessions_key(&world.ana);
    let item = world.platform.items.get(&[key]).await.unwrap().remove(0).unwrap();
    assert_eq!(item.fields.keys().collect::<Vec<_>>(), ["sessions_sealed"]);
    assert_eq!(item.expires_at, Some(begun.session.expires_at));
    let flow::ports::Value::Text(sealed) = &item.fields["sessions_sealed"] else { panic!("it is text") };
    for plain in ["Firefox", "192.0.2.7", begun.session.id.as_str()] {
        assert!(!sealed.contains(plain));
    }
}

#[tokio::test]
async fn a_session_whose_writes_lost_their_answers_begins_and_ends_once() {
    let world = World::new().await;
    world.items.lose(1);
    let begun = world.begins().await;
    assert_eq!(world.sessions().await, std::slice::from_ref(&begun.session.id));
    world.items.fail(1);
    let other = world.begins().await;
    assert_eq!(world.sessions().await.len(), 2);
    world.items.lose(1);
    assert!(sessions::end(&world.platform, &by(&world.ana), &world.ana, &begun.session.id).await.unwrap());
    assert_eq!(world.sessions().await, std::slice::from_ref(&other.session.id));
    // Where the store stays away, the session that was to end has not ended, and it is said so.
    world.items.fail(100);
    assert!(sessions::end(&world.platform, &by(&world.ana), &world.ana, &other.session.id).await.is_err());
    world.items.fail(0);
    assert!(world.is_live(&other.session.id).await);
    // Nor has it ended without its entry in the audit log.
    world.commits.fail(1);
    assert!(sessions::end(&world.platform, &by(&world.ana), &world.ana, &other.session.id).await.is_err());
    assert!(world.is_live(&other.session.id).await);
}

#[tokio::test]
async fn sessions_that_begin_at_once_are_all_there() {
    let world = World::new().await;
    world.items.meet(20);
    let begun = futures::future::join_all((0..20).map(async |_| world.begins().await.session.id)).await;
    let found = world.sessions().await;
    assert_eq!(found.len(), 20);
    assert!(begun.iter().all(|id| found.contains(id)));
}

#[tokio::test]
async fn a_person_without_a_session_has_none() {
    let world = World::new().await;
    let nobody = MemberId::from_bits([9; 16]);
    assert!(sessions::list(&world.platform, &nobody).await.unwrap().is_empty());
    assert!(!sessions::is_live(&world.platform, &nobody, &SessionId::from_bits([9; 16])).await.unwrap());
}
