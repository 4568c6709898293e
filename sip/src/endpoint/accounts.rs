//! Accounts of the registrar, and who a request is from (RFC 3261 §22, RFC 7616, RFC 8760).

use std::borrow::Cow;
use std::collections::HashMap;

use super::registrar::Bound;
use super::{AccountId, Caller, CommandError, Endpoint, Refused, RegistrarSettings, tokens};
use crate::digest::{self, Algorithm, Kept, Refused as Digest, Secret, Subject};
use crate::flow::Flow;
use crate::message::{AuthParams, Message, Name, NameAddr, StartLine, Uri};
use crate::time::{Duration, Instant};

/// Accounts and contacts.
#[derive(Debug)]
pub(super) struct Registrar {
    pub(super) settings: RegistrarSettings,
    pub(super) accounts: Vec<Account>,
    pub(super) by_user: HashMap<Box<[u8]>, AccountId>,
    /// Whose each contact is.
    pub(super) owners: HashMap<u64, AccountId>,
    pub(super) last_binding: u64,
    last_nonce: Instant,
    /// Checked for users nobody knows: refusing them takes as long.
    nobody: Kept,
}

#[derive(Debug)]
pub(super) struct Account {
    user: Box<[u8]>,
    kept: Kept,
    /// What it is challenged by, in this order, and may answer with.
    algorithms: Vec<Algorithm>,
    /// Newest registration first.
    pub(super) bindings: Vec<Bound>,
    nonces: Vec<(Instant, u32)>,
}

/// SIPp and baresip fail at a challenge they do not know, even beside one they do.
const DEFAULT_ALGORITHMS: [Algorithm; 1] = [Algorithm::Md5];

/// Nonces remembered of each account; an older one has to be asked for again.
const NONCES_MAX: usize = 8;

impl Registrar {
    pub(super) fn new(settings: RegistrarSettings, random: u64) -> Self {
        Self {
            settings,
            accounts: Vec::new(),
            by_user: HashMap::new(),
            owners: HashMap::new(),
            last_binding: 0,
            last_nonce: Instant::default(),
            nobody: Kept::new(b"", b"", &tokens::text(random)),
        }
    }

    /// The challenges for a user, one for each of his algorithms.
    ///
    /// Two of one microsecond would share a nonce, and its count.
    pub(super) fn challenges(&mut self, now: Instant, user: &[u8], is_stale: bool) -> Vec<Vec<u8>> {
        self.last_nonce = now.max(self.last_nonce + Duration::from_micros(1));
        let account = self.by_user.get(user).and_then(|id| self.account(*id));
        let algorithms = account.map_or(&DEFAULT_ALGORITHMS[..], |account| &account.algorithms);
        let challenge = |algorithm: &Algorithm| {
            let mut value = Vec::new();
            let guard = &self.settings.guard;
            guard.challenge_by(*algorithm, self.last_nonce, is_stale, &mut value);
            value
        };
        algorithms.iter().map(challenge).collect()
    }

    pub(super) fn bindings(&self) -> usize {
        self.owners.len()
    }

    pub(super) fn account(&self, id: AccountId) -> Option<&Account> {
        self.accounts.get(id.0 as usize)
    }

    pub(super) fn account_mut(&mut self, id: AccountId) -> Option<&mut Account> {
        self.accounts.get_mut(id.0 as usize)
    }
}

impl Account {
    /// Notes a use of a nonce; false for one seen before, or too old to remember.
    fn note(&mut self, accepted: digest::Accepted) -> bool {
        // Without qop there is no count: such a nonce is good once.
        let count = accepted.count.max(1);
        if let Some((_, last)) = self.nonces.iter_mut().find(|(at, _)| *at == accepted.issued) {
            let is_new = count > *last;
            *last = count.max(*last);
            return is_new;
        }
        if self.nonces.len() >= NONCES_MAX {
            let oldest = self.nonces.iter().map(|(at, _)| *at).min();
            if oldest.is_some_and(|oldest| accepted.issued < oldest) {
                return false;
            }
            self.nonces.retain(|(at, _)| Some(*at) != oldest);
        }
        self.nonces.push((accepted.issued, count));
        true
    }
}

/// Accounts and contacts.
impl Endpoint {
    /// Adds an account to the registrar, or changes its password: the user of its credentials, which
    /// is also the user part of its address of record.
    ///
    /// # Errors
    /// [`CommandError::WrongState`] without a registrar.
    pub fn add_account(&mut self, user: &[u8], password: &[u8]) -> Result<AccountId, CommandError> {
        let registrar = self.registrar.as_mut().ok_or(CommandError::WrongState)?;
        let kept = Kept::new(user, registrar.settings.guard.realm(), password);
        if let Some(&id) = registrar.by_user.get(user) {
            let account = registrar.account_mut(id).ok_or(CommandError::Gone)?;
            account.kept = kept;
            return Ok(id);
        }
        let next = u32::try_from(registrar.accounts.len()).map_err(|_| CommandError::Full)?;
        let user = Box::from(user);
        registrar.by_user.insert(Box::clone(&user), AccountId(next));
        let account = Account {
            user,
            kept,
            algorithms: DEFAULT_ALGORITHMS.to_vec(),
            bindings: Vec::new(),
            nonces: Vec::new(),
        };
        registrar.accounts.push(account);
        Ok(AccountId(next))
    }

    /// Says what an account is challenged by, the preferred first, and may answer with; MD5 unless
    /// said otherwise (RFC 8760 §2.4).
    ///
    /// # Errors
    /// [`CommandError::Gone`] for an unknown account, [`CommandError::Malformed`] for none.
    pub fn set_algorithms(
        &mut self,
        account: AccountId,
        algorithms: &[Algorithm],
    ) -> Result<(), CommandError> {
        if algorithms.is_empty() {
            return Err(CommandError::Malformed);
        }
        let registrar = self.registrar.as_mut().ok_or(CommandError::Gone)?;
        let account = registrar.account_mut(account).ok_or(CommandError::Gone)?;
        account.algorithms = algorithms.to_vec();
        Ok(())
    }

    /// The account of a user.
    pub fn account(&self, user: &[u8]) -> Option<AccountId> {
        self.registrar.as_ref()?.by_user.get(user).copied()
    }

    /// The user of an account.
    pub fn user_of(&self, account: AccountId) -> Option<&[u8]> {
        self.registrar.as_ref()?.account(account).map(|account| &*account.user)
    }

    /// Who sent an INVITE.
    pub(super) fn identify(&mut self, flow: Flow, message: &Message<'_>) -> Caller {
        if let Ok(account) = self.prove(message) {
            return Caller::Proved(account);
        }
        let account = self.account(&user_of(message.first(Name::From).unwrap_or_default()));
        let registered =
            account.filter(|account| self.bindings(*account).any(|binding| binding.flow == flow));
        registered.map_or(Caller::Stranger, Caller::Registered)
    }

    /// Checks the credentials of a request.
    pub(super) fn prove(&mut self, message: &Message<'_>) -> Result<AccountId, Denied> {
        let registrar = self.registrar.as_mut().ok_or(Denied::none())?;
        let guard = &registrar.settings.guard;
        let mut lines = message.lines(Name::Authorization).filter_map(AuthParams::parse);
        // RFC 8760 §2.4: a client answers one challenge; of one that answers more the first counts.
        let ours = lines.find(|credentials| {
            credentials.is_digest() && credentials.get(b"realm").as_deref() == Some(guard.realm())
        });
        let credentials = ours.ok_or(Denied::none())?;
        let StartLine::Request { method, uri } = message.start() else {
            return Err(Denied::none());
        };
        let named = digest::named_uri(&credentials).unwrap_or_default();
        let wrong = Denied { why: Refused::Credentials, is_stale: false };
        if *named != *uri && !same_uri(&named, uri) {
            return Err(wrong);
        }
        let user = credentials.get(b"username").unwrap_or_default();
        let account = registrar.by_user.get(&*user).copied();
        let known = account.and_then(|id| registrar.accounts.get(id.0 as usize));
        let secret = Secret::Kept(known.map_or(&registrar.nobody, |account| &account.kept));
        // A weaker algorithm than was asked for is no answer.
        let algorithm = Algorithm::of(&credentials).ok_or(wrong)?;
        if known.is_some_and(|account| !account.algorithms.contains(&algorithm)) {
            return Err(wrong);
        }
        let subject = Subject { method, uri: &named, body: message.body() };
        let accepted = guard.check(self.now, &credentials, secret, &subject);
        let accepted = accepted.map_err(|refused| match refused {
            Digest::Stale => Denied { why: Refused::Unproved, is_stale: true },
            Digest::NotOurs | Digest::Forged | Digest::Wrong => wrong,
        })?;
        let id = account.ok_or(wrong)?;
        let account = registrar.account_mut(id).ok_or(wrong)?;
        if account.note(accepted) {
            return Ok(id);
        }
        Err(Denied { why: Refused::Replay, is_stale: true })
    }
}

/// The user part of an address, its escapes undone; empty for none.
pub(super) fn user_of(address: &[u8]) -> Cow<'_, [u8]> {
    let uri = NameAddr::parse(address).and_then(|address| address.uri().ok());
    let user = uri.as_ref().and_then(Uri::as_sip).and_then(|sip| sip.unescaped_user());
    user.unwrap_or_default()
}

/// Why a request is not taken as an account's.
#[derive(Debug, Clone, Copy)]
pub(super) struct Denied {
    pub(super) why: Refused,
    pub(super) is_stale: bool,
}

impl Denied {
    fn none() -> Self {
        Self { why: Refused::Unproved, is_stale: false }
    }
}

/// Whether credentials name the Request-URI in another spelling.
fn same_uri(named: &[u8], uri: &[u8]) -> bool {
    match (Uri::parse(named), Uri::parse(uri)) {
        (Ok(named), Ok(uri)) => named.matches(&uri),
        _ => false,
    }
}
