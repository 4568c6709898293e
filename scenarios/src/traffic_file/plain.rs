//! The flows that the command line makes without a file.

use crate::model::traffic::{Expect, Expected, Gaps, Request, Segment, Send, Shape, Step, Traffic};
use crate::resolve::fingerprint;
use crate::traffic_file::expect::WITHIN;
use crate::traffic_file::load::INTERVAL;
use acd::Duration;
use chance::Law;

impl Traffic {
    /// Makes plain calls: INVITE with an offer of audio, its answer, `hold` of nothing, BYE, its answer.
    /// On the wire six messages, and a provisional response where the target gives one.
    #[must_use]
    pub fn plain(shape: Shape, hold: Duration) -> Self {
        let mut flow = vec![
            send(Request::Invite { has_offer: true }),
            expect(100, 199, true),
            expect(200, 299, false),
        ];
        if hold > Duration::ZERO {
            flow.push(Step::Pause(Law::Constant(hold.as_secs())));
        }
        flow.extend([send(Request::Bye), expect(200, 299, false)]);
        Self::made("plain calls", shape, flow)
    }

    /// Makes registrations that last for `expires`; zero removes them.
    #[must_use]
    pub fn register(shape: Shape, expires: Duration) -> Self {
        let flow = vec![send(Request::Register { expires }), expect(200, 299, false)];
        Self::made("registrations", shape, flow)
    }

    /// Makes OPTIONS: the cheapest question that shows that a target is there.
    #[must_use]
    pub fn options(shape: Shape) -> Self {
        Self::made("OPTIONS", shape, vec![send(Request::Options), expect(200, 299, false)])
    }

    fn made(title: &str, shape: Shape, mut flow: Vec<Step>) -> Self {
        flow.push(Step::End { is_good: true });
        let length = shape.length();
        let hash = fingerprint(format!("{shape:?}{flow:?}").as_bytes());
        Self {
            file: String::new(),
            hash: format!("{hash:016x}"),
            title: title.to_owned(),
            question: String::new(),
            seed: 1,
            target: None,
            shape,
            length,
            calls: None,
            interval: INTERVAL,
            flow,
            account: None,
            rows: None,
            gate: Vec::new(),
        }
    }
}

impl Shape {
    /// Calls at a rate, as people call.
    #[must_use]
    pub fn open(profile: Vec<Segment>) -> Self {
        Self::Open { profile, gaps: Gaps::Poisson }
    }

    /// Returns how long calls begin, where it says so.
    #[must_use]
    pub fn length(&self) -> Option<Duration> {
        match self {
            Self::Open { profile, .. } => {
                profile.iter().try_fold(Duration::ZERO, |sum, segment| {
                    Some(Duration(sum.0.saturating_add(segment.length?.0)))
                })
            }
            Self::Closed { .. } => None,
        }
    }
}

fn send(request: Request) -> Step {
    Step::Send(Send { request, to: None, from: None, headers: Vec::new() })
}

fn expect(low: u16, high: u16, is_optional: bool) -> Step {
    let what = Expected::Status { low, high };
    Step::Expect(Expect { what, within: WITHIN, is_optional, branches: Vec::new() })
}
