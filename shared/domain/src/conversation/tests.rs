use super::*;

fn at(seconds: i64) -> Timestamp {
    Timestamp::from_seconds(1_700_000_000 + seconds)
}

fn open(n: u8, seconds: i64) -> OpenMessage {
    OpenMessage { id: MessageId::from_bits([n; 16]), recorded_at: at(seconds), arrived_at: at(seconds) }
}

fn conversation(messages: &[OpenMessage]) -> Conversation {
    let number = "1001".parse().unwrap();
    let mut c = Conversation::begin(ConversationId::from_bits([1; 16]), number, ContactId::from_bits([2; 16]), at(0));
    messages.iter().for_each(|m| c.ask(m.clone()));
    c
}

#[test]
fn a_person_should_look_until_of_no_send_it_is_unknown() {
    use DeliveryStatus::{Queued, Sent, Unknown};

    let mut c = conversation(&[]);
    c.note_delivery(Some(Queued), Unknown);
    c.note_delivery(None, Unknown);
    c.note_delivery(Some(Unknown), Unknown);
    c.note_delivery(Some(Unknown), Sent);
    assert_eq!((c.attention, c.unknown_sends), (Some(Attention::UnknownSend), 1));
    c.note_delivery(Some(Unknown), Sent);
    assert_eq!((c.attention, c.unknown_sends), (None, 0));
    c.attention = Some(Attention::FailedSend);
    c.note_delivery(Some(Queued), Unknown);
    c.note_delivery(Some(Unknown), Sent);
    assert_eq!(c.attention, Some(Attention::FailedSend), "another reason stays");
}

#[test]
fn a_burst_is_left_to_its_newest_message_for_at_most_15_seconds() {
    let (a, b) = (open(1, 0), open(2, 1));
    let c = conversation(&[a.clone(), b.clone()]);
    assert_eq!(c.start_turn(Some(&a.id), at(2)), TurnStart::LeaveToNewer);
    assert_eq!(c.start_turn(Some(&b.id), at(3)), TurnStart::Answer(vec![a.clone(), b.clone()]));
    assert_eq!(c.start_turn(Some(&a.id), at(15)), TurnStart::Answer(vec![a, b]));
}

#[test]
fn the_wake_up_of_upkeep_always_answers() {
    let (a, b) = (open(1, 0), open(2, 1));
    assert_eq!(conversation(&[a.clone(), b.clone()]).start_turn(None, at(2)), TurnStart::Answer(vec![a, b]));
    assert_eq!(conversation(&[]).start_turn(None, at(2)), TurnStart::Nothing);
}

#[test]
fn a_newer_message_cancels_a_turn_once() {
    let (a, b) = (open(1, 0), open(2, 1));
    let mut c = conversation(&[a.clone(), b]);
    assert_eq!(c.on_conflict(std::slice::from_ref(&a), at(3)), Conflict::CancelTurn);
    c.turn_cancelled = true;
    assert_eq!(c.on_conflict(std::slice::from_ref(&a), at(3)), Conflict::CommitAgain);
}

#[test]
fn a_turn_starts_again_when_part_of_it_was_closed_or_a_person_took_over() {
    let (a, b) = (open(1, 0), open(2, 1));
    let mut c = conversation(std::slice::from_ref(&b));
    assert_eq!(c.on_conflict(&[a, b.clone()], at(3)), Conflict::StartAgain);
    c.epoch = c.epoch.taken_over();
    assert_eq!(c.on_conflict(&[b], at(3)), Conflict::StartAgain);
}

#[test]
fn the_window_lasts_24_hours_from_the_latest_message_whatever_the_order() {
    let mut c = conversation(&[]);
    c.customer_wrote(at(100));
    c.customer_wrote(at(50));
    assert!(c.window_is_open(at(100 + 86_399)));
    assert!(!c.window_is_open(at(100 + 86_400)));
}

#[test]
fn while_a_person_has_it_messages_go_on_their_list() {
    let mut c = conversation(&[]);
    c.epoch = c.epoch.taken_over();
    c.ask(open(9, 1));
    assert_eq!((c.open.len(), c.attention), (0, Some(Attention::Waiting)));
    assert!(c.epoch.taken_over().is_person() && c.epoch.taken_over() > c.epoch);
    assert!(!c.epoch.handed_back().is_person());
}

#[test]
fn a_restore_leaves_to_a_person_what_came_before_it_and_nothing_else() {
    let mut c = conversation(&[open(1, 0), open(2, 1), open(3, 2)]);
    c.leave_restored(None);
    assert_eq!((c.open.len(), c.attention), (3, None));
    c.leave_restored(Some(at(1)));
    assert_eq!((c.open.as_slice(), c.attention), ([open(3, 2)].as_slice(), Some(Attention::Restored)));
    c.attention = None;
    c.leave_restored(Some(at(1)));
    assert_eq!(c.attention, None, "it was seen to");
    let posted_again = OpenMessage { recorded_at: at(100), ..open(1, 0) };
    assert!(posted_again.is_older_than(Some(at(50))));
}
