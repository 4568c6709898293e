//! Datagrams: arrival times, what is lost and why, ports for media.

use sip::net::{
    Clock, DropPlan, Inbox, Interest, Outbox, Poller, PortPool, PortRange, PortsExhausted, Token,
    Udp, UdpOptions,
};

use super::{loopback, wait};

fn send(from: &mut Udp, clock: &Clock, to: &Udp, texts: &[&[u8]]) {
    let mut outbox = Outbox::new(1 << 20);
    for text in texts {
        assert!(outbox.push(to.local_addr(), &[text]));
    }
    while !outbox.is_empty() {
        from.flush(clock, &mut outbox);
    }
}

fn receive_all(udp: &mut Udp, clock: &Clock, inbox: &mut Inbox) -> Vec<Vec<u8>> {
    udp.receive(clock, inbox, usize::MAX).expect("a socket");
    inbox.iter_mut().map(|datagram| datagram.bytes.to_vec()).collect()
}

#[test]
fn datagrams_come_with_their_sender_and_the_moment_the_kernel_saw_them() {
    for address in ["127.0.0.1:0", "[::1]:0"] {
        let address = address.parse().expect("address");
        let clock = Clock::start();
        let mut a = Udp::bind(address, &UdpOptions::default()).expect("a port");
        let mut b = Udp::bind(address, &UdpOptions::default()).expect("a port");
        let mut inbox = Inbox::new(8, 1500);
        // Linux begins to stamp a while after the first socket asked for it; until then it stamps what
        // is read. So the first tries may be late by the pause between sending and reading.
        let is_stamped_at_arrival = (0..50).any(|_| {
            let before = clock.now();
            send(&mut a, &clock, &b, &[b"one", b""]);
            let after = clock.now();
            let poller = &mut Poller::new().expect("a poller");
            let until = after + sip::Duration::from_millis(60);
            poller.wait(&clock, Some(until), &mut vec![]).expect("a pause");
            assert_eq!(b.receive(&clock, &mut inbox, 8).expect("a socket"), 2);
            let all: Vec<_> = inbox.iter_mut().collect();
            assert_eq!((all[0].from, &*all[0].bytes), (a.local_addr(), &b"one"[..]));
            assert!(all[1].bytes.is_empty() && all[1].at <= clock.now());
            // The two clocks are read one after the other.
            let early = before.saturating_since(all[0].at);
            assert!(early.as_millis() < 5, "{early:?}");
            all[0].at.saturating_since(after).as_millis() < 30
        });
        assert!(is_stamped_at_arrival);
    }
}

#[test]
fn datagrams_that_do_not_fit_are_counted_and_not_delivered() {
    let clock = Clock::start();
    let mut a = Udp::bind(loopback(), &UdpOptions::default()).expect("a port");
    let mut b = Udp::bind(loopback(), &UdpOptions::default()).expect("a port");
    send(&mut a, &clock, &b, &[&[1; 100], &[2; 101], b"next"]);
    let mut inbox = Inbox::new(8, 100);
    let texts = receive_all(&mut b, &clock, &mut inbox);
    assert_eq!(texts, [vec![1; 100], b"next".to_vec()]);
    assert_eq!((b.counts().received, b.counts().truncated), (3, 1));
}

#[test]
fn what_nobody_read_in_time_is_counted_as_our_fault() {
    let clock = Clock::start();
    let mut a = Udp::bind(loopback(), &UdpOptions::default()).expect("a port");
    let small = UdpOptions { receive_buffer: Some(4096), ..UdpOptions::default() };
    let mut b = Udp::bind(loopback(), &small).expect("a port");
    send(&mut a, &clock, &b, &[&[7; 172][..]; 200]);
    let mut inbox = Inbox::new(256, 1500);
    let read = receive_all(&mut b, &clock, &mut inbox).len();
    assert!(read < 200, "the buffer is too small for all");
    // The kernel tells with the next datagram.
    send(&mut a, &clock, &b, &[b"next"]);
    assert_eq!(receive_all(&mut b, &clock, &mut inbox), [b"next"]);
    assert_eq!(b.counts().overflowed, 200 - u64::try_from(read).expect("small"));
}

#[test]
fn a_closed_port_does_not_disturb_the_others() {
    let clock = Clock::start();
    let mut a = Udp::bind(loopback(), &UdpOptions::default()).expect("a port");
    let mut b = Udp::bind(loopback(), &UdpOptions::default()).expect("a port");
    let gone = Udp::bind(loopback(), &UdpOptions::default()).expect("a port");
    let closed = gone.local_addr();
    drop(gone);
    let mut outbox = Outbox::new(1000);
    for _ in 0..5 {
        outbox.push(closed, &[b"nobody"]);
        outbox.push(b.local_addr(), &[b"some", b"body"]);
    }
    while !outbox.is_empty() {
        a.flush(&clock, &mut outbox);
    }
    let mut inbox = Inbox::new(8, 100);
    assert_eq!(receive_all(&mut b, &clock, &mut inbox), vec![b"somebody".to_vec(); 5]);
    assert!(receive_all(&mut a, &clock, &mut inbox).is_empty());
}

#[test]
fn an_outbox_is_bounded_and_empties() {
    let mut outbox = Outbox::new(10);
    let to = loopback();
    assert!(outbox.push(to, &[b"12345"]) && outbox.push(to, &[b"123", b"45"]));
    assert!(!outbox.push(to, &[b"1"]));
    assert_eq!((outbox.len(), outbox.dropped()), (2, 1));
}

#[test]
fn a_bad_line_loses_doubles_and_delays_the_same_datagrams_again() {
    let clock = Clock::start();
    let plan = DropPlan { lost: 0.2, doubled: 0.1, ..DropPlan::perfect(42) };
    let run = || {
        let mut a = Udp::bind(loopback(), &UdpOptions::default()).expect("a port");
        let bad = UdpOptions { drop_plan: Some(plan), ..UdpOptions::default() };
        let mut b = Udp::bind(loopback(), &bad).expect("a port");
        let texts: Vec<[u8; 1]> = (0..100).map(|n| [n]).collect();
        let texts: Vec<&[u8]> = texts.iter().map(|text| &text[..]).collect();
        send(&mut a, &clock, &b, &texts);
        let mut inbox = Inbox::new(256, 100);
        let got = receive_all(&mut b, &clock, &mut inbox);
        assert!(b.counts().tampered > 0 && b.counts().received == 100);
        got
    };
    let once = run();
    let lost = 100 - (0..100).filter(|n| once.contains(&vec![*n])).count();
    assert!((5..40).contains(&lost), "{lost} lost");
    assert!(once.windows(2).any(|pair| pair[0] == pair[1]), "some came twice");
    assert_eq!(once, run());
}

#[test]
fn what_a_bad_line_holds_back_comes_at_its_time() {
    let clock = Clock::start();
    let delay_max = sip::Duration::from_millis(40);
    let plan = DropPlan { delayed: 1.0, delay_max, ..DropPlan::perfect(3) };
    let bad = UdpOptions { drop_plan: Some(plan), ..UdpOptions::default() };
    let mut a = Udp::bind(loopback(), &bad).expect("a port");
    let mut b = Udp::bind(loopback(), &UdpOptions::default()).expect("a port");
    send(&mut a, &clock, &b, &[b"1", b"2", b"3", b"4", b"5", b"6"]);
    let (mut inbox, mut outbox) = (Inbox::new(8, 100), Outbox::new(0));
    let mut got = Vec::new();
    let mut poller = Poller::new().expect("a poller");
    while let Some(due) = a.next_timeout() {
        poller.wait(&clock, Some(due), &mut vec![]).expect("a pause");
        a.flush(&clock, &mut outbox);
        got.extend(receive_all(&mut b, &clock, &mut inbox));
    }
    got.sort();
    assert_eq!(got, [b"1", b"2", b"3", b"4", b"5", b"6"]);
}

/// A range that nobody else uses: the system gave its first port away a moment ago.
fn free_range(pairs: u16) -> PortRange {
    let range = std::iter::repeat_with(|| {
        let udp = Udp::bind(loopback(), &UdpOptions::default()).expect("a port");
        let first = udp.local_addr().port() & !1;
        drop(udp);
        let last = first.checked_add(2 * pairs - 1)?;
        let all = (first..=last)
            .map(|port| Udp::bind(([127, 0, 0, 1], port).into(), &UdpOptions::default()));
        all.collect::<Result<Vec<Udp>, _>>().ok()?;
        format!("{first}-{last}").parse().ok()
    });
    range.take(1000).flatten().next().expect("some free ports")
}

#[test]
fn ports_come_in_pairs_run_out_and_come_back() {
    let ip = [127, 0, 0, 1].into();
    let pool = PortPool::new(ip, free_range(3), UdpOptions::default());
    let mut pairs: Vec<_> = (0..3).map(|_| pool.take().expect("free")).collect();
    for pair in &pairs {
        assert_eq!(pair.port() % 2, 0);
        assert_eq!(pair.rtp.local_addr().port(), pair.port());
        assert_eq!(pair.rtcp.local_addr().port(), pair.port() + 1);
    }
    assert_eq!(pool.take().err(), Some(PortsExhausted::InUse(3)));
    assert_eq!(pool.in_use(), 3);
    let first = pairs.remove(0).port();
    assert_eq!(pool.in_use(), 2);
    assert_eq!(pool.take().expect("it came back").port(), first);
    drop(pairs);
    assert_eq!(pool.in_use(), 0);
}

#[test]
fn pairs_that_another_program_holds_are_passed_over() {
    let ip = [127, 0, 0, 1].into();
    let range = free_range(2);
    let pool = PortPool::new(ip, range, UdpOptions::default());
    let first = pool.take().expect("free").port();
    // The odd one is enough.
    let foreign = Udp::bind((ip, first + 1).into(), &UdpOptions::default()).expect("free again");
    let other = pool.take().expect("the other pair");
    assert_ne!(other.port(), first);
    let refused = pool.take().err();
    assert!(matches!(refused, Some(PortsExhausted::Foreign(std::io::ErrorKind::AddrInUse))));
    assert_eq!(pool.in_use(), 1, "a failed try leaks nothing");
    drop(foreign);
    assert_eq!(pool.take().expect("free now").port(), first);
}

#[test]
fn a_poller_tells_which_socket_has_something() {
    let clock = Clock::start();
    let mut a = Udp::bind(loopback(), &UdpOptions::default()).expect("a port");
    let mut b = Udp::bind(loopback(), &UdpOptions::default()).expect("a port");
    let mut poller = Poller::new().expect("a poller");
    poller.add(&a, Token(1), Interest::Read).expect("added");
    poller.add(&b, Token(2), Interest::Read).expect("added");
    send(&mut a, &clock, &b, &[b"x", b"y"]);
    let mut inbox = Inbox::new(8, 100);
    // Level-triggered: what was left is reported again.
    for _ in 0..2 {
        let ready = wait(&mut poller, &clock);
        assert_eq!((ready.len(), ready[0].token, ready[0].is_readable), (1, Token(2), true));
        assert_eq!(b.receive(&clock, &mut inbox, 1).expect("a socket"), 1);
    }
}
