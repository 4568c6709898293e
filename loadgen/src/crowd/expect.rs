//! What came, held against what a step expects.

use super::call::Came;
use scenarios::traffic::{Branch, Expected, Step, Test};
use sip::message::Message;

/// What becomes of a call at a step that waits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Outcome {
    /// It goes on there.
    Goes(usize),
    /// It still waits.
    Waits,
    /// That was not expected.
    Spoils,
}

/// Judges what came for the step `at`, or for those after it as long as they are optional.
///
/// The message is there when it is a response with something to ask of its fields.
pub(super) fn judge(
    flow: &[Step],
    mut at: usize,
    came: Came,
    message: Option<&Message<'_>>,
) -> Outcome {
    while let Some(Step::Expect(expect)) = flow.get(at) {
        let branch = expect.branches.iter().find(|branch| fits(branch, came, message));
        if let Some(branch) = branch {
            return Outcome::Goes(branch.to);
        }
        if is_expected(expect.what, came) {
            return Outcome::Goes(at + 1);
        }
        if !expect.is_optional {
            break;
        }
        at += 1;
        if came == Came::Nothing {
            // Its time is over: the next step begins its own.
            return Outcome::Goes(at);
        }
    }
    match came {
        // RFC 3261 §13.2.2.1: a call may get any number of provisional responses.
        Came::Status(100..200) => Outcome::Waits,
        Came::Status(_) | Came::Bye | Came::Nothing => Outcome::Spoils,
    }
}

fn is_expected(what: Expected, came: Came) -> bool {
    match (what, came) {
        (Expected::Status { low, high }, Came::Status(status)) => (low..=high).contains(&status),
        (Expected::Bye, Came::Bye) => true,
        (Expected::Status { .. }, Came::Bye | Came::Nothing)
        | (Expected::Bye, Came::Status(_) | Came::Nothing) => false,
    }
}

fn fits(branch: &Branch, came: Came, message: Option<&Message<'_>>) -> bool {
    match (&branch.test, came) {
        (Test::Status { low, high }, Came::Status(status)) => (*low..=*high).contains(&status),
        (Test::Header { name, contains }, Came::Status(_)) => {
            message.is_some_and(|message| has_field(message, name.as_bytes(), contains.as_bytes()))
        }
        (Test::TimedOut, Came::Nothing) | (Test::Bye, Came::Bye) => true,
        (Test::Status { .. } | Test::Header { .. }, Came::Bye | Came::Nothing)
        | (Test::TimedOut, Came::Status(_) | Came::Bye)
        | (Test::Bye, Came::Status(_) | Came::Nothing) => false,
    }
}

fn has_field(message: &Message<'_>, name: &[u8], text: &[u8]) -> bool {
    let mut named = message.headers().filter(|header| header.raw_name.eq_ignore_ascii_case(name));
    named.any(|header| {
        text.is_empty()
            || header.value.windows(text.len()).any(|part| part.eq_ignore_ascii_case(text))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use acd::Duration;
    use scenarios::traffic::Expect;
    use sip::message::{Carrier, Index};

    fn awaits(low: u16, high: u16, is_optional: bool, branches: &[(Test, usize)]) -> Step {
        let branches =
            branches.iter().map(|(test, to)| Branch { test: test.clone(), to: *to }).collect();
        let what = Expected::Status { low, high };
        Step::Expect(Expect { what, within: Duration::from_secs(32), is_optional, branches })
    }

    #[test]
    fn a_call_may_be_answered_without_ringing() {
        let flow = [awaits(180, 180, true, &[]), awaits(200, 299, false, &[])];
        assert_eq!(judge(&flow, 0, Came::Status(180), None), Outcome::Goes(1));
        assert_eq!(judge(&flow, 0, Came::Status(200), None), Outcome::Goes(2));
        assert_eq!(judge(&flow, 0, Came::Status(183), None), Outcome::Waits);
        assert_eq!(judge(&flow, 1, Came::Status(180), None), Outcome::Waits);
        assert_eq!(judge(&flow, 0, Came::Status(486), None), Outcome::Spoils);
        assert_eq!(judge(&flow, 0, Came::Bye, None), Outcome::Spoils);
        assert_eq!(judge(&flow, 0, Came::Nothing, None), Outcome::Goes(1));
        assert_eq!(judge(&flow, 1, Came::Nothing, None), Outcome::Spoils);
    }

    #[test]
    fn branches_are_asked_before_what_is_expected() {
        let header = Test::Header { name: "X-Queue".into(), contains: "SALES".into() };
        let busy = Test::Status { low: 486, high: 486 };
        let flow = [awaits(200, 200, false, &[(header, 7), (busy, 8), (Test::TimedOut, 9)])];
        let bytes = b"SIP/2.0 200 OK\r\nx-queue: the sales desk\r\nContent-Length: 0\r\n\r\n";
        let mut index = Index::default();
        let message = Message::parse(bytes, Carrier::Datagram, &mut index).expect("a response");
        assert_eq!(judge(&flow, 0, Came::Status(200), Some(&message)), Outcome::Goes(7));
        assert_eq!(judge(&flow, 0, Came::Status(200), None), Outcome::Goes(1));
        assert_eq!(judge(&flow, 0, Came::Status(486), None), Outcome::Goes(8));
        assert_eq!(judge(&flow, 0, Came::Nothing, None), Outcome::Goes(9));
    }
}
