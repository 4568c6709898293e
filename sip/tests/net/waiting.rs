//! Waiting: deadlines, other threads, many packets at once.

use sip::Duration;
use sip::net::{Clock, Poller};

#[test]
fn a_deadline_ends_the_wait_and_not_before() {
    let clock = Clock::start();
    let mut poller = Poller::new().expect("a poller");
    let mut ready = Vec::new();
    for micros in [0, 300, 2_700] {
        let until = clock.now() + Duration::from_micros(micros);
        poller.wait(&clock, Some(until), &mut ready).expect("a pause");
        assert!(clock.now() >= until, "{micros} µs");
        assert!(ready.is_empty());
    }
}

#[test]
fn another_thread_ends_the_wait() {
    let clock = Clock::start();
    let mut poller = Poller::new().expect("a poller");
    let waker = poller.waker();
    let mut ready = Vec::new();
    std::thread::scope(|scope| {
        scope.spawn(|| waker.wake());
        poller.wait(&clock, None, &mut ready).expect("woken");
    });
    assert!(ready.is_empty());
    // Once woken, it is not woken for ever.
    let until = clock.now() + Duration::from_millis(2);
    poller.wait(&clock, Some(until), &mut ready).expect("a pause");
    assert!(clock.now() >= until);
}

#[test]
fn many_packets_make_the_waits_begin_with_a_pause_in_which_sixteen_come() {
    let mut poller = Poller::new().expect("a poller");
    poller.coalesce(Duration::from_millis(5));
    let mut now = Clock::start().now();
    let mut pause = |poller: &mut Poller, packets_in_a_ms: usize| {
        for _ in 0..30 {
            now = now + Duration::from_millis(1);
            poller.drained(now, packets_in_a_ms);
        }
        poller.pause()
    };
    assert_eq!(pause(&mut poller, 1), Duration::ZERO);
    assert_eq!(pause(&mut poller, 2), Duration::from_millis(2));
    assert_eq!(pause(&mut poller, 64), Duration::from_micros(250));
    assert_eq!(pause(&mut poller, 0), Duration::ZERO);
    poller.coalesce(Duration::ZERO);
    assert_eq!(pause(&mut poller, 64), Duration::ZERO);
}

#[test]
fn a_pause_is_slept_and_ends_at_the_deadline() {
    let clock = Clock::start();
    let mut poller = Poller::new().expect("a poller");
    poller.coalesce(Duration::from_millis(1));
    poller.drained(clock.now() + Duration::from_millis(20), 100);
    assert_eq!(poller.pause(), Duration::from_millis(1));
    poller.waker().wake();
    let start = clock.now();
    poller.wait(&clock, None, &mut Vec::new()).expect("woken");
    assert!(clock.now().saturating_since(start) >= Duration::from_millis(1));
    // The quickest of many: a busy machine makes any of them long.
    let shortest = (0..50).map(|_| {
        let start = clock.now();
        poller.wait(&clock, Some(start), &mut Vec::new()).expect("due already");
        clock.now().saturating_since(start)
    });
    assert!(shortest.min() < Some(Duration::from_millis(1)));
}
