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
fn many_packets_make_the_next_wait_begin_with_a_pause() {
    let clock = Clock::start();
    let mut poller = Poller::new().expect("a poller");
    let waker = poller.waker();
    let mut time = |packets, pause_max| {
        poller.coalesce(pause_max);
        poller.drained(packets);
        waker.wake();
        let start = clock.now();
        poller.wait(&clock, None, &mut Vec::new()).expect("woken");
        clock.now().saturating_since(start)
    };
    assert!(time(1000, Duration::from_millis(1)) >= Duration::from_micros(500));
    assert!(time(10, Duration::from_millis(1)) >= Duration::from_micros(200));
    // The quickest of many: a busy machine makes any of them long.
    let shortest = |packets, pause_max| (0..50).map(|_| time(packets, pause_max)).min();
    let mut shortest = shortest;
    assert!(shortest(2, Duration::from_millis(1)) < Some(Duration::from_micros(200)));
    assert!(shortest(1000, Duration::ZERO) < Some(Duration::from_micros(200)));
}
