//! Two endpoints and a line between them, in virtual time: the flows of RFC 3665 at transaction
//! level, on a good line exactly, on bad ones by their laws.

mod line;
mod people;

use line::Badness;
use people::{Plan, Story, World};
use sip::Duration;
use sip::flow::Transport;

const GOOD: Badness =
    Badness { lost_per_mille: 0, doubled_per_mille: 0, delay_max: Duration::from_millis(5) };

/// A fifth lost, a tenth doubled, up to 0.8 s late: beyond T1, so retransmissions cross answers.
const BAD: Badness =
    Badness { lost_per_mille: 200, doubled_per_mille: 100, delay_max: Duration::from_millis(800) };

const DEAD: Badness =
    Badness { lost_per_mille: 1000, doubled_per_mille: 0, delay_max: Duration::ZERO };

const SEEDS: u64 = 10_000;

const fn call(status: u16, after: Duration) -> Plan {
    Plan {
        answer: (status, after),
        cancel_after: None,
        registers: false,
        transport: Transport::Udp,
    }
}

const fn cancelled(status: u16, after: Duration, cancel_after: Duration) -> Plan {
    Plan { cancel_after: Some(cancel_after), ..call(status, after) }
}

const S2: Duration = Duration::from_secs(2);
const S3: Duration = Duration::from_secs(3);

fn finals(plan: Plan, badness: Badness) -> Story {
    World::new(1, badness, plan).run()
}

#[test]
fn registration_takes_a_challenge_and_an_answer() {
    let story = finals(Plan { registers: true, ..call(200, S2) }, GOOD);
    assert_eq!((story.finals, story.requests), (vec![401, 200], vec!["REGISTER".to_owned(); 2]));
    assert_eq!(story.sent, 4);
}

#[test]
fn a_session_is_established_and_ended() {
    let story = finals(call(200, S2), GOOD);
    assert_eq!((story.finals.as_slice(), story.byes.as_slice()), (&[200][..], &[200][..]));
    assert!(story.acknowledged);
    assert_eq!(story.requests, ["INVITE", "BYE"]);
    // INVITE, 100, 180, 200, BYE, 200; the ACK goes around the transactions.
    assert_eq!((story.sent, story.timed_out, story.no_ack), (6, 0, 0));
}

#[test]
fn a_busy_phone_is_acknowledged_by_the_transaction() {
    let story = finals(call(486, Duration::from_millis(200)), GOOD);
    assert_eq!((story.finals, story.no_ack, story.sent), (vec![486], 0, 5));
}

#[test]
fn a_cancelled_call_ends_with_487() {
    let story = finals(cancelled(200, S3, S2), GOOD);
    assert_eq!(story.finals, [487]);
    assert_eq!(story.requests, ["INVITE", "CANCEL"]);
    assert_eq!((story.timed_out, story.no_ack), (0, 0));
}

#[test]
fn a_cancel_before_any_answer_waits_for_one() {
    let story = finals(cancelled(200, S3, Duration::ZERO), GOOD);
    assert_eq!(
        (story.finals, story.requests),
        (vec![487], vec!["INVITE".to_owned(), "CANCEL".to_owned()])
    );
}

#[test]
fn an_unanswered_call_is_given_up_by_the_phone() {
    let story = finals(call(480, Duration::from_secs(120)), GOOD);
    assert_eq!((story.finals, story.timed_out), (vec![480], 0));
}

#[test]
fn on_a_dead_line_the_request_times_out_after_the_retransmissions_of_rfc_3261() {
    // RFC 3261 §17.1.1.2: 7 INVITEs within 64·T1; §17.1.2.2: 11 of the others.
    let story = finals(call(200, S2), DEAD);
    assert_eq!((story.sent, story.timed_out, story.finals.len()), (7, 1, 0));
    let story = finals(Plan { registers: true, ..call(200, S2) }, DEAD);
    assert_eq!((story.sent, story.timed_out), (11, 1));
}

#[test]
fn a_reliable_transport_repeats_nothing() {
    let reliable = |plan| Plan { transport: Transport::Tcp, ..plan };
    assert_eq!(finals(reliable(call(486, S2)), GOOD).sent, 5);
    assert_eq!(finals(reliable(call(200, S2)), GOOD).sent, 6);
    let story = finals(reliable(call(200, S2)), DEAD);
    assert_eq!((story.sent, story.timed_out), (1, 1));
}

/// Runs a plan under every seed; gives the share of calls that ended as on a good line.
fn shake(plan: Plan, expected: &[u16]) -> f64 {
    let mut as_planned = 0;
    for seed in 0..SEEDS {
        // `run` asserts that nothing is left: transactions, timers, datagrams.
        let story = World::new(seed, BAD, plan).run();
        let invites = story.requests.iter().filter(|method| *method == "INVITE").count();
        assert!(invites <= 1, "seed {seed}: the phone rang twice: {story:?}");
        let most = if plan.registers { 2 } else { 1 };
        assert!(story.finals.len() <= most, "seed {seed}: a double answer: {story:?}");
        let is_told = !story.finals.is_empty() || story.timed_out > 0;
        assert!(is_told, "seed {seed}: the caller waits for ever: {story:?}");
        // A final response that is never acknowledged is as wrong as one that never comes.
        as_planned += u64::from(story.finals == expected && story.no_ack == 0);
    }
    #[expect(clippy::cast_precision_loss, reason = "counts up to 10,000")]
    let share = as_planned as f64 / SEEDS as f64;
    share
}

// The bounds: with one datagram in five lost either way, an exchange fails only when all its
// repetitions do. Seven INVITEs or their first answers are all lost with (1 - 0.8²)^7 = 0.08 %;
// a bound of 99 % leaves a factor of ten for what is repeated less often.

#[test]
fn registrations_survive_a_bad_line() {
    let share = shake(Plan { registers: true, ..call(200, S2) }, &[401, 200]);
    assert!(share > 0.99, "{share}");
}

#[test]
fn sessions_survive_a_bad_line() {
    let share = shake(call(200, S2), &[200]);
    assert!(share > 0.99, "{share}");
}

#[test]
fn refusals_survive_a_bad_line() {
    let share = shake(call(486, Duration::from_millis(200)), &[486]);
    assert!(share > 0.99, "{share}");
}

#[test]
fn withdrawn_calls_survive_a_bad_line() {
    // The phone would never answer: only the CANCEL can end the call.
    let share = shake(cancelled(480, Duration::from_secs(600), S2), &[487]);
    assert!(share > 0.99, "{share}");
}

#[test]
fn a_cancel_that_crosses_the_answer_ends_the_call_one_way_or_the_other() {
    let plan = cancelled(200, S2, S2);
    let (mut answered, mut withdrawn) = (0, 0);
    for seed in 0..SEEDS {
        let story = World::new(seed, BAD, plan).run();
        assert!(story.finals.len() <= 1, "seed {seed}: {story:?}");
        match story.finals.as_slice() {
            [200] => answered += 1,
            [487] => withdrawn += 1,
            [] => assert!(story.timed_out > 0, "seed {seed}: {story:?}"),
            other => panic!("seed {seed}: {other:?}"),
        }
    }
    assert!(answered > 0 && withdrawn > 0, "{answered} answered, {withdrawn} withdrawn");
}
