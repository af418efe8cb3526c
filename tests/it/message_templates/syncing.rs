use domain::feed::FeedType;
use domain::template::{Category, Quality, Status, TemplateStatus};
use domain::{EventId, Span};
use flow::ports::BusinessError;
use flow::receive::{Received, receive};
use flow::records::{ChangeSource, ChangedPart, account_path, read_account};
use flow::templates::{Filter, SyncError, Synced, sync_by_itself};
use tests::business::{Trouble, listed};
use tests::world::envelope::WABA;
use tests::world::{World, at_once};
use whatsapp::webhook::{read_event, split};

use super::{body, history, id, known, meta, names, seconds, status, sync};

fn with_templates(count: usize) -> World {
    let world = World::new(1);
    for n in 0..count {
        meta(&world).has(WABA, listed(&format!("{}", 1_000 + n), &format!("t_{n:03}"), "Bom dia, tudo bem?"));
    }
    world
}

#[test]
fn every_page_is_read_to_the_end() {
    let mut world = with_templates(120);
    let synced = sync(&mut world).unwrap();
    assert_eq!(synced, Synced { added: 120, complete: true, ..Synced::default() });
    assert_eq!(meta(&world).calls(), ["list -", "list 50", "list 100"]);
    assert_eq!(names(&world, &Filter::default()).len(), 100);
    assert_eq!(names(&world, &Filter { name: Some("t_11".into()), ..Filter::default() }).len(), 10);
    world.settle();
    let feed = world.feed(&world.bakery);
    assert_eq!(feed.iter().filter(|entry| entry.change.kind() == FeedType::TemplateCreated).count(), 120);
}

#[test]
fn what_is_as_it_was_is_neither_told_of_nor_in_the_history() {
    let mut world = with_templates(3);
    sync(&mut world).unwrap();
    world.settle();
    let (before, told) = (history(&world, "1000"), world.feed(&world.bakery).len());
    world.wait(Span::from_hours(1));
    assert_eq!(sync(&mut world).unwrap(), Synced { complete: true, ..Synced::default() });
    world.settle();
    assert_eq!((history(&world, "1000"), world.feed(&world.bakery).len()), (before, told));
}

#[test]
fn what_changed_at_meta_is_taken_over_with_its_history() {
    let mut world = with_templates(2);
    sync(&mut world).unwrap();
    world.wait(Span::from_hours(1));
    meta(&world).change("1000", |template| {
        template.status = Status { name: TemplateStatus::Rejected, reason: Some("SCAM".into()) };
        template.quality = Some(Quality::Red);
    });
    assert_eq!(sync(&mut world).unwrap(), Synced { updated: 1, complete: true, ..Synced::default() });
    let template = known(&world, "1000");
    assert_eq!((template.status(), template.quality()), (&TemplateStatus::Rejected, &Quality::Red));
    let changes = history(&world, "1000");
    let said: Vec<_> = changes.iter().map(|change| (change.what, change.value.as_deref().unwrap())).collect();
    assert!(said.contains(&(ChangedPart::Status, "rejected")) && said.contains(&(ChangedPart::Quality, "red")));
    assert!(changes.iter().all(|change| change.source == ChangeSource::Sync));
    assert!(changes.iter().any(|change| change.reason.as_deref() == Some("SCAM")));
    world.settle();
}

#[test]
fn what_meta_does_not_list_any_more_is_deleted_and_comes_back_if_it_does() {
    let mut world = with_templates(3);
    sync(&mut world).unwrap();
    world.wait(Span::from_hours(1));
    let gone = meta(&world).templates_of(WABA)[1].clone();
    meta(&world).loses("1001");
    assert_eq!(sync(&mut world).unwrap().deleted, 1);
    assert_eq!(known(&world, "1001").status(), &TemplateStatus::Deleted);
    let deleted = Filter { status: Some(TemplateStatus::Deleted), ..Filter::default() };
    assert_eq!(names(&world, &deleted), ["t_001"]);
    world.wait(Span::from_hours(1));
    meta(&world).has(WABA, gone);
    assert_eq!(sync(&mut world).unwrap(), Synced { updated: 1, complete: true, ..Synced::default() });
    assert_eq!(known(&world, "1001").status(), &TemplateStatus::Approved);
    world.settle();
}

#[test]
fn a_listing_that_breaks_off_takes_nothing_for_deleted() {
    let mut world = with_templates(120);
    sync(&mut world).unwrap();
    world.wait(Span::from_hours(1));
    meta(&world).pages_of(10);
    for _ in 0..2 {
        meta(&world).loses("1119");
    }
    // The first page comes, the second does not.
    let lists = meta(&world).calls().len();
    meta(&world).pages_of(119);
    meta(&world).next(Trouble::Silent);
    assert!(matches!(sync(&mut world), Err(SyncError::Meta(BusinessError::Silent(_)))));
    assert_eq!(meta(&world).calls().len(), lists + 1);
    assert_eq!(known(&world, "1119").status(), &TemplateStatus::Approved);
}

#[test]
fn one_that_cannot_be_read_costs_no_other_and_is_not_taken_for_deleted() {
    let mut world = with_templates(2);
    sync(&mut world).unwrap();
    world.wait(Span::from_hours(1));
    meta(&world).loses("1000");
    meta(&world).loses("1001");
    meta(&world).cannot_be_read(&[Some("1000")]);
    let synced = sync(&mut world).unwrap();
    assert_eq!((synced.unreadable, synced.deleted), (1, 1));
    assert_eq!(known(&world, "1000").status(), &TemplateStatus::Approved);
    assert_eq!(known(&world, "1001").status(), &TemplateStatus::Deleted);
    // One without a name could be any.
    meta(&world).has(WABA, listed("1001", "t_001", "Bom dia!"));
    world.wait(Span::from_hours(1));
    sync(&mut world).unwrap();
    meta(&world).loses("1001");
    meta(&world).cannot_be_read(&[None]);
    world.wait(Span::from_hours(1));
    assert_eq!(sync(&mut world).unwrap().deleted, 0);
    assert_eq!(known(&world, "1001").status(), &TemplateStatus::Approved);
    world.settle();
}

#[test]
fn what_meta_told_while_the_list_was_read_counts() {
    let mut world = with_templates(1);
    sync(&mut world).unwrap();
    world.wait(Span::from_hours(1));
    // Meta pauses it; the list that is read next does not know that yet.
    let paused = status(seconds(&world) + 200, "1000", "PAUSED");
    world.meta.post_body_at(world.now(), &paused);
    world.settle();
    assert_eq!(known(&world, "1000").status(), &TemplateStatus::Paused);
    assert_eq!(sync(&mut world).unwrap().updated, 0);
    assert_eq!(known(&world, "1000").status(), &TemplateStatus::Paused);
    world.wait(Span::from_hours(1));
    assert_eq!(sync(&mut world).unwrap().updated, 1);
    assert_eq!(known(&world, "1000").status(), &TemplateStatus::Approved);
    world.settle();
}

#[test]
fn a_template_that_a_webhook_told_of_is_joined_by_the_listing() {
    let mut world = with_templates(0);
    let approved =
        body(seconds(&world), "message_template_status_update", "77", &serde_json::json!({"event": "APPROVED"}));
    world.meta.post_body_at(world.now(), &approved);
    world.settle();
    assert_eq!((known(&world, "77").name.as_str(), known(&world, "77").components().len()), ("oi", 0));
    meta(&world).has(WABA, listed("77", "oi", "Bom dia, tudo bem?"));
    world.wait(Span::from_hours(1));
    let synced = sync(&mut world).unwrap();
    assert_eq!((synced.added, synced.updated), (0, 1));
    assert_eq!(known(&world, "77").components().len(), 1);
    assert_eq!(names(&world, &Filter::default()), ["oi"]);
    world.settle();
}

#[test]
fn an_accounts_time_comes_by_itself_and_after_a_failure_sooner() {
    let mut world = with_templates(2);
    world.act(|platform| async move { sync_by_itself(&platform, WABA).await }).unwrap();
    meta(&world).next(Trouble::Refuse(190));
    world.wait_for_upkeep(Span::from_minutes(1));
    let account = |world: &World| {
        let document = world.document(&account_path(WABA)).unwrap();
        read_account(&world.bare, &document).unwrap()
    };
    let failed = account(&world);
    assert_eq!((failed.synced_at, failed.sync_failure.as_deref()), (None, Some("refused:190")));
    assert!(failed.sync_at.unwrap().since(world.now()) <= Span::from_minutes(15));
    assert!(names(&world, &Filter::default()).is_empty());
    world.wait_for_upkeep(Span::from_minutes(20));
    assert_eq!(names(&world, &Filter::default()).len(), 2);
    let done = account(&world);
    assert_eq!(done.sync_failure, None);
    let wait = done.sync_at.unwrap().since(done.synced_at.unwrap());
    assert!(wait >= Span::from_hours(6) && wait <= Span::from_hours(7), "{wait:?}");
    let asked = meta(&world).calls().len();
    world.wait_for_upkeep(Span::from_hours(1));
    assert_eq!(meta(&world).calls().len(), asked, "not before its time");
    world.wait_for_upkeep(Span::from_hours(6));
    assert!(meta(&world).calls().len() > asked);
}

#[test]
fn a_template_of_another_organizations_account_is_another_template() {
    let mut world = with_templates(1);
    sync(&mut world).unwrap();
    let theirs = at_once(flow::templates::get(&world.bare, &world.florist, &id(&world, "1000"))).unwrap();
    assert!(theirs.is_none());
    assert_eq!(known(&world, "1000").category(), Some(&Category::Utility));
    world.settle();
}

#[test]
fn a_listing_that_is_wished_for_while_one_is_at_work_comes_soon_after_it() {
    let mut world = with_templates(2);
    world.act(|platform| async move { sync_by_itself(&platform, WABA).await }).unwrap();
    // Meta tells of other words after it has read them for the list.
    let news = serde_json::json!({"message_template_element": "Outras palavras"});
    let told = body(seconds(&world), "message_template_components_update", "1000", &news);
    let (platform, now) = (world.bare.clone(), world.now());
    meta(&world).while_listing(move || {
        for event in split(told.to_string().as_bytes()) {
            let received = Received::new(EventId::from_bits([9; 16]), now, read_event(&event.json));
            at_once(receive(&platform, &received)).unwrap();
        }
    });
    sync(&mut world).unwrap();
    let account = |world: &World| {
        let document = world.document(&account_path(WABA)).unwrap();
        read_account(&world.bare, &document).unwrap()
    };
    assert!(account(&world).sync_at.unwrap() <= world.now(), "{:?}", account(&world));
    let lists = |world: &World| meta(world).calls().iter().filter(|call| call.starts_with("list")).count();
    let before = lists(&world);
    world.wait_for_upkeep(Span::from_minutes(2));
    assert_eq!(lists(&world), before + 1, "once more, and not again and again");
    assert!(account(&world).sync_at.unwrap().since(world.now()) > Span::from_hours(5));
}
