//! The switch as bytes and back: `restore(snapshot(x))` continues as `x` would have.

use crate::agents::AgentState;
use crate::routing::{self, Member, Standing};
use crate::switch::Acd;

/// Marks the bytes as a snapshot, with the version of their layout.
const MAGIC: [u8; 8] = *b"CSACD\0\0\x01";

/// Why bytes are not a snapshot.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RestoreError {
    /// The bytes do not begin as a snapshot of this version does.
    #[error("not a snapshot of this version")]
    NotASnapshot,
    /// The check sum does not fit: the bytes were cut or changed.
    #[error("the snapshot is damaged")]
    Damaged,
    /// The bytes do not decode.
    #[error("the snapshot does not decode: {0}")]
    Undecodable(String),
}

impl Acd {
    /// Writes the whole state. What each strategy knows follows from who is ready since when, and its memory.
    #[must_use]
    pub fn snapshot(&self) -> Vec<u8> {
        let memories: Vec<u64> = self.queues.iter().map(|queue| queue.routing.memory()).collect();
        let body = postcard::to_allocvec(&(self, memories)).expect("plain data always encodes");
        let mut bytes = MAGIC.to_vec();
        bytes.extend_from_slice(&check_sum(&body).to_le_bytes());
        bytes.extend_from_slice(&body);
        bytes
    }

    /// Reads a state written by [`Acd::snapshot`].
    ///
    /// # Errors
    /// Bytes that are no snapshot of this version, or damaged ones.
    pub fn restore(bytes: &[u8]) -> Result<Self, RestoreError> {
        let rest = bytes.strip_prefix(&MAGIC).ok_or(RestoreError::NotASnapshot)?;
        let (sum, body) = rest.split_first_chunk::<8>().ok_or(RestoreError::Damaged)?;
        if u64::from_le_bytes(*sum) != check_sum(body) {
            return Err(RestoreError::Damaged);
        }
        let decoded: Result<(Self, Vec<u64>), _> = postcard::from_bytes(body);
        let (mut acd, memories) =
            decoded.map_err(|error| RestoreError::Undecodable(error.to_string()))?;
        acd.rebuild_routing(&memories);
        Ok(acd)
    }

    fn rebuild_routing(&mut self, memories: &[u64]) {
        for (index, queue) in self.queues.iter_mut().enumerate() {
            queue.routing = routing::make(&self.config.queues[index].routing);
        }
        for agent in &self.agents {
            for skill in &self.config.groups[agent.group.index()].skills {
                let member =
                    Member { group: agent.group.0, level: skill.level, handling: skill.handling.0 };
                self.queues[skill.queue.index()].routing.join(member);
            }
        }
        let mut ready: Vec<_> =
            self.agents.iter().filter(|a| a.state == AgentState::Ready).collect();
        ready.sort_by_key(|agent| agent.ready_sequence);
        for agent in ready {
            let standing = Standing {
                ready_sequence: agent.ready_sequence,
                calls_answered: agent.calls_answered,
                is_resuming: false,
            };
            let skills = &self.config.groups[agent.group.index()].skills;
            for (skill, seat) in skills.iter().zip(&self.memberships[agent.memberships as usize..])
            {
                self.queues[skill.queue.index()].routing.insert(*seat, standing);
            }
        }
        for (queue, memory) in self.queues.iter_mut().zip(memories) {
            queue.routing.remember(*memory);
        }
    }
}

/// FNV-1a, 64 bits (Fowler, Noll, Vo): finds damage, not malice. A snapshot is trusted as the disk it lies on.
pub(crate) fn check_sum(bytes: &[u8]) -> u64 {
    bytes.iter().fold(0xCBF2_9CE4_8422_2325, |sum, byte| {
        (sum ^ u64::from(*byte)).wrapping_mul(0x0000_0100_0000_01B3)
    })
}
