//! The one loop between the switch and whatever stands outside it. Read this first.

use crate::input::Input;
use crate::output::{Command, Event, Output};
use crate::switch::Acd;
use crate::units::Timestamp;

/// Inputs that one moment may bring forth before the loop gives up on the outside and moves on; the rest follows when it is called again.
pub const ROUNDS_MAX: u32 = 1_000_000;

/// Whatever stands outside the switch: simulated people, or SIP user agents.
pub trait Outside {
    /// Does what the switch asks. Inputs that follow are kept for [`Outside::poll_input`].
    fn handle_command(&mut self, now: Timestamp, command: &Command);
    /// Fires one cause that is due at `now`.
    fn handle_timeout(&mut self, now: Timestamp);
    /// Hands the next input over, if there is one.
    fn poll_input(&mut self) -> Option<Input>;
    /// Returns when the next cause is due.
    fn next_timeout(&self) -> Option<Timestamp>;
}

/// Fires what is due at `now` (the switch's timers first, else one cause outside), then moves commands and inputs until both sides are quiet. Returns when to come back; `now` again where more is due.
///
/// One cause a call: firing all causes of a moment at once would offer a call whose caller hangs up next.
#[inline(always)]
#[expect(clippy::inline_always, reason = "two moments a call; see Acd::handle")]
pub fn settle(
    now: Timestamp,
    acd: &mut Acd,
    outside: &mut impl Outside,
    out: &mut Vec<Output>,
    observe: &mut impl FnMut(Timestamp, &Event),
) -> Option<Timestamp> {
    if acd.next_timeout().is_some_and(|due| due <= now) {
        acd.handle_timeout(now, out);
    } else if outside.next_timeout().is_some_and(|due| due <= now) {
        outside.handle_timeout(now);
    }
    for _ in 0..ROUNDS_MAX {
        for output in out.iter() {
            match output {
                Output::Command(command) => outside.handle_command(now, command),
                Output::Event(event) => observe(now, event),
            }
        }
        out.clear();
        let Some(input) = outside.poll_input() else { break };
        acd.handle(now, input, out);
    }
    match (acd.next_timeout(), outside.next_timeout()) {
        (Some(switch), Some(other)) => Some(switch.min(other)),
        (switch, other) => switch.or(other),
    }
}
