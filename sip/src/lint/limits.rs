//! What the checker holds at most: a capture is a stranger's file.

/// Most findings kept; later ones are only counted.
pub const FINDINGS_MAX: usize = 10_000;
/// Most Call-IDs tracked at once; beyond it the oldest is judged as it stands.
pub const CALLS_MAX: usize = 20_000;
/// Most memory of messages kept.
///
/// Unit: bytes.
pub const MEMORY_MAX: usize = 256 << 20;
/// Most transactions of one Call-ID; beyond it the oldest but the first is forgotten.
pub const TRANSACTIONS_MAX: usize = 64;
/// Most different responses, and ACKs, of one transaction.
pub const ANSWERS_MAX: usize = 16;
/// Most copies noted of one message.
pub const REPEATS_MAX: usize = 32;
/// Most branches, tags and nonces remembered across calls, each.
pub const REMEMBERED_MAX: usize = 65_536;
/// Most connections (one direction each) put together at once.
pub const STREAMS_MAX: usize = 4_096;
/// Most media addresses and media streams known at once, each.
pub const MEDIA_MAX: usize = 65_536;
