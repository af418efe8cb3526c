use domain::access::Role;
use domain::hours::{Opening, WeeklyHours};
use domain::locale::Language;
use domain::{DisplayName, OrganizationId, Plan, TimeZone};
use flow::access::AccessError;
use flow::organization::{self, OrganizationSettings};
use flow::ports::{Precondition, Write};
use flow::records::{organization_path, read_organization, write_organization};

use super::world::{World, by, operator};

fn hours() -> WeeklyHours {
    let mut days: [Vec<Opening>; 7] = Default::default();
    days[0] = vec![Opening { from: 480, until: 720 }, Opening { from: 780, until: 1_080 }];
    WeeklyHours::new(days).unwrap()
}

#[tokio::test]
async fn settings_are_changed_one_by_one_or_together() {
    let world = World::new().await;
    let settings = OrganizationSettings {
        name: DisplayName::parse("Padaria São João").ok(),
        time_zone: TimeZone::parse("America/Manaus").ok(),
        hours: Some(Some(hours())),
        ..OrganizationSettings::default()
    };
    let ana = by(&world.ana);
    let changed = organization::change(&world.platform, &ana, &world.bakery, &settings, None).await.unwrap();
    assert_eq!((changed.name.as_str(), changed.time_zone.as_str()), ("Padaria São João", "America/Manaus"));
    assert_eq!((changed.hours.week.as_ref(), changed.language), (Some(&hours()), Language::Portuguese));
    let read = organization::get(&world.platform, &world.bakery).await.unwrap().unwrap();
    assert_eq!(read.value, changed);
    let log = world.audit(&world.bakery).await;
    let entry = log.iter().find(|entry| entry.action == "organization.changed").unwrap();
    let details: Vec<_> = entry.details.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    let zone = ("time_zone", "America/Sao_Paulo → America/Manaus");
    assert_eq!(details, [zone, ("name", " → changed"), ("hours", " → changed")]);

    let closed = OrganizationSettings { hours: Some(None), ..OrganizationSettings::default() };
    let late = organization::change(&world.platform, &ana, &world.bakery, &closed, Some(&read.version)).await.unwrap();
    assert_eq!((late.hours.week, late.name), (None, changed.name));
    let later = organization::change(&world.platform, &ana, &world.bakery, &settings, Some(&read.version)).await;
    assert!(matches!(later, Err(AccessError::Changed)));
}

#[tokio::test]
async fn settings_are_for_those_who_may_change_them_and_plans_for_operators() {
    let world = World::new().await;
    let settings = OrganizationSettings { language: Some(Language::English), ..OrganizationSettings::default() };
    for role in Role::ALL {
        let actor = by(&world.joins(role.as_str(), role).await);
        let changed = organization::change(&world.platform, &actor, &world.bakery, &settings, None).await;
        assert_eq!(changed.is_ok(), role >= Role::Admin, "{role:?}");
        let planned = organization::change_plan(&world.platform, &actor, &world.bakery, Plan::Enterprise).await;
        assert!(matches!(planned, Err(AccessError::Forbidden)), "{role:?}");
    }
    let foreign = organization::change(&world.platform, &by(&world.flor), &world.bakery, &settings, None).await;
    assert!(matches!(foreign, Err(AccessError::Forbidden)));
    let planned = organization::change_plan(&world.platform, &operator(), &world.bakery, Plan::Starter).await.unwrap();
    assert_eq!((planned.plan, planned.language), (Plan::Starter, Language::English));
    let nowhere = OrganizationId::from_bits([9; 16]);
    let missing = organization::change_plan(&world.platform, &operator(), &nowhere, Plan::Free).await;
    assert!(matches!(missing, Err(AccessError::NotFound)));
    assert_eq!(organization::get(&world.platform, &nowhere).await.unwrap(), None);
}

#[tokio::test]
async fn a_record_from_before_there_were_plans_is_read_with_what_it_has() {
    let world = World::new().await;
    let known = organization::get(&world.platform, &world.bakery).await.unwrap().unwrap().value;
    let mut fields = write_organization(&world.platform, &known);
    fields.remove("plan");
    fields.remove("hours");
    fields.insert("time_zone".to_owned(), flow::ports::Value::Text("nowhere".to_owned()));
    let path = organization_path(&world.bakery);
    let write = Write::Set { path: path.clone(), fields, precondition: Precondition::None };
    world.platform.documents.commit(vec![write]).await.unwrap();
    let document = world.platform.documents.get(&path).await.unwrap().unwrap();
    let read = read_organization(&world.platform, &document).unwrap();
    assert_eq!((read.plan, read.hours.week, read.time_zone), (Plan::Free, None, TimeZone::default()));
    assert_eq!(read.name, known.name);
}
