//! A registrar (RFC 3261 §10.3): the contacts that the phones of accounts registered.

use super::accounts::{Account, Denied};
use super::receive::Early;
use super::schedule::Due;
use super::{
    AccountId, Binding, BindingId, CommandError, Endpoint, Event, Refused, RegistrarSettings,
    Unbound,
};
use crate::flow::Flow;
use crate::message::{Essentials, Message, Name, NameAddr, Uri};
use crate::time::{Duration, Instant};
use crate::transaction::ServerId;
use crate::write::Writer;

/// A contact of an account.
#[derive(Debug)]
pub(super) struct Bound {
    pub(super) id: u64,
    pub(super) contact: Box<[u8]>,
    pub(super) flow: Flow,
    pub(super) call_id: Box<[u8]>,
    pub(super) cseq: u32,
    pub(super) expires_at: Instant,
    pub(super) timer: Option<Instant>,
}

/// Contacts.
impl Endpoint {
    /// An account's contacts, newest registration first.
    pub fn bindings(&self, account: AccountId) -> impl Iterator<Item = Binding<'_>> {
        let account = self.registrar.as_ref().and_then(|registrar| registrar.account(account));
        account.into_iter().flat_map(|account| &account.bindings).map(|bound| Binding {
            id: BindingId(bound.id),
            contact: &bound.contact,
            flow: bound.flow,
            expires_at: bound.expires_at,
        })
    }

    /// Removes a contact: two OPTIONS were missed. [`Event::Unregistered`] follows.
    ///
    /// # Errors
    /// [`CommandError::Gone`].
    pub fn remove_binding(&mut self, binding: BindingId) -> Result<(), CommandError> {
        if self.unbind(binding.0, Unbound::Ours) { Ok(()) } else { Err(CommandError::Gone) }
    }

    /// Puts a contact back after a restart, as it was in a snapshot.
    ///
    /// # Errors
    /// [`CommandError::Gone`] for an unknown account, [`CommandError::Malformed`] for a contact that
    /// is no SIP URI, [`CommandError::Full`].
    pub fn restore_binding(
        &mut self,
        now: Instant,
        account: AccountId,
        contact: &[u8],
        flow: Flow,
        expires_at: Instant,
    ) -> Result<BindingId, CommandError> {
        self.advance(now);
        if !matches!(Uri::parse(contact), Ok(Uri::Sip(_))) {
            return Err(CommandError::Malformed);
        }
        let registrar = self.registrar.as_ref().ok_or(CommandError::Gone)?;
        let held = registrar.account(account).ok_or(CommandError::Gone)?.bindings.len();
        if held >= registrar.settings.bindings_max {
            return Err(CommandError::Full);
        }
        let wanted = Wanted { contact: contact.into(), expires: Duration::ZERO, place: None };
        let id = self.bind_contact(account, &wanted, flow, (&[], 0), expires_at);
        id.map(BindingId).ok_or(CommandError::Gone)
    }

    /// REGISTER (RFC 3261 §10.3).
    pub(super) fn handle_register(
        &mut self,
        server: ServerId,
        flow: Flow,
        message: &Message<'_>,
        essentials: &Essentials<'_>,
    ) {
        if self.registrar.is_none() {
            return self.dismiss(server, flow, message, Early::new(405, Refused::Method));
        }
        let Ok(Uri::Sip(to)) = essentials.to.uri() else {
            // RFC 4475 §3.3.4: an address of record is a SIP URI.
            return self.dismiss(server, flow, message, Early::new(400, Refused::Address));
        };
        let user = to.unescaped_user().unwrap_or_default();
        let account = match self.prove(message) {
            Ok(account) => account,
            Err(denied) => return self.deny(server, flow, message, (&user, denied)),
        };
        match self.account(&user) {
            Some(owner) if owner == account => {}
            // RFC 3261 §10.3: 403 for another's address, 404 for nobody's.
            Some(_) => {
                return self.dismiss(server, flow, message, Early::new(403, Refused::Address));
            }
            None => return self.dismiss(server, flow, message, Early::new(404, Refused::Address)),
        }
        let back = flow.for_response(&essentials.via);
        match self.update_bindings(account, back, message, essentials) {
            Ok(()) => self.answer_register(server, flow, message, account),
            Err(early) => self.refuse_register(server, flow, message, early),
        }
    }

    fn deny(
        &mut self,
        server: ServerId,
        flow: Flow,
        message: &Message<'_>,
        (user, denied): (&[u8], Denied),
    ) {
        let Some(registrar) = &mut self.registrar else { return };
        let challenges = registrar.challenges(self.now, user, denied.is_stale);
        self.counters.count(denied.why);
        // RFC 3261 §26.3.2.4: without a transaction, or challenges could be asked for until memory is
        // full.
        self.dismiss_with(server, flow, message, 401, |mut writer| {
            for challenge in &challenges {
                writer.header(Name::WwwAuthenticate, challenge);
            }
            writer.finish();
        });
    }

    fn refuse_register(
        &mut self,
        server: ServerId,
        flow: Flow,
        message: &Message<'_>,
        early: Early,
    ) {
        let min = self.registrar.as_ref().map_or(Duration::ZERO, |known| known.settings.min);
        self.counters.count(early.why);
        let tag = self.tag_for(message);
        self.respond_now(server, flow, message, early.status, Some(&tag), |mut writer| {
            if early.status == 423 {
                writer.formatted(Name::MinExpires, format_args!("{}", min.as_secs()));
            }
            writer.finish();
        });
    }

    /// All contacts of a request are taken, or none (RFC 3261 §10.3, step 7).
    fn update_bindings(
        &mut self,
        id: AccountId,
        flow: Flow,
        message: &Message<'_>,
        essentials: &Essentials<'_>,
    ) -> Result<(), Early> {
        let order = (essentials.call_id, essentials.cseq.number);
        let Some(registrar) = &self.registrar else { return Ok(()) };
        let Some(account) = registrar.account(id) else { return Ok(()) };
        if message.values(Name::Contact).any(|contact| contact == b"*") {
            let is_removal = message.expires() == Ok(Some(Duration::ZERO));
            if !is_removal || message.values(Name::Contact).count() != 1 {
                return Err(Early::new(400, Refused::Contact));
            }
            for bound in &account.bindings {
                in_order(bound, order)?;
            }
            let ids: Vec<u64> = account.bindings.iter().map(|bound| bound.id).collect();
            for bound in ids {
                self.unbind(bound, Unbound::Removed);
            }
            return Ok(());
        }
        let wanted = read_contacts(&registrar.settings, account, message, order)?;
        for contact in &wanted {
            if contact.expires.is_zero() {
                if let Some(bound) = contact.place {
                    self.unbind(bound, Unbound::Removed);
                }
                continue;
            }
            let expires_at = self.now + contact.expires;
            self.bind_contact(id, contact, flow, order, expires_at);
        }
        Ok(())
    }

    fn bind_contact(
        &mut self,
        account: AccountId,
        wanted: &Wanted,
        flow: Flow,
        (call_id, cseq): (&[u8], u32),
        expires_at: Instant,
    ) -> Option<u64> {
        let registrar = self.registrar.as_mut()?;
        let held = registrar.accounts.get_mut(account.0 as usize)?;
        let at = held.bindings.iter().position(|bound| Some(bound.id) == wanted.place);
        let is_new = at.is_none();
        let mut bound = match at {
            Some(at) => held.bindings.remove(at),
            None => {
                registrar.last_binding += 1;
                registrar.owners.insert(registrar.last_binding, account);
                Bound {
                    id: registrar.last_binding,
                    contact: Box::default(),
                    flow,
                    call_id: Box::default(),
                    cseq,
                    expires_at,
                    timer: None,
                }
            }
        };
        bound.contact = wanted.contact.clone();
        (bound.flow, bound.cseq, bound.expires_at) = (flow, cseq, expires_at);
        bound.call_id = call_id.into();
        let id = bound.id;
        self.schedule.set(&mut bound.timer, Some(expires_at), Due::Binding(id));
        held.bindings.insert(0, bound);
        self.events.push_back(Event::Registered { account, binding: BindingId(id), is_new });
        Some(id)
    }

    /// Removes a contact; false when it is gone already.
    pub(super) fn unbind(&mut self, id: u64, why: Unbound) -> bool {
        let Some(registrar) = self.registrar.as_mut() else { return false };
        let Some(account) = registrar.owners.remove(&id) else { return false };
        let Some(held) = registrar.account_mut(account) else { return false };
        if let Some(at) = held.bindings.iter().position(|bound| bound.id == id) {
            let mut bound = held.bindings.remove(at);
            self.schedule.set(&mut bound.timer, None, Due::Binding(id));
        }
        self.events.push_back(Event::Unregistered { account, binding: BindingId(id), why });
        true
    }

    /// Removes the contacts of a connection that closed.
    pub(super) fn unbind_flow(&mut self, flow: Flow) {
        let Some(registrar) = &self.registrar else { return };
        let all = registrar.accounts.iter().flat_map(|account| &account.bindings);
        let ids: Vec<u64> = all.filter(|bound| bound.flow == flow).map(|bound| bound.id).collect();
        for id in ids {
            self.unbind(id, Unbound::Disconnected);
        }
    }

    fn answer_register(
        &mut self,
        server: ServerId,
        flow: Flow,
        message: &Message<'_>,
        account: AccountId,
    ) {
        let now = self.now;
        let contacts: Vec<(Vec<u8>, u64)> = self
            .bindings(account)
            .map(|bound| {
                let left = bound.expires_at.saturating_since(now).as_micros().div_ceil(1_000_000);
                (bound.contact.to_vec(), u64::try_from(left).unwrap_or(u64::MAX))
            })
            .collect();
        let tag = self.tag_for(message);
        self.respond_now(server, flow, message, 200, Some(&tag), |mut writer| {
            for (contact, left) in &contacts {
                write_binding(contact, *left, &mut writer);
            }
            writer.finish();
        });
    }
}

fn write_binding(contact: &[u8], left: u64, writer: &mut Writer<'_>) {
    let left = left.to_string();
    writer.pieces(Name::Contact, &[b"<", contact, b">;expires=", left.as_bytes()]);
}

/// A contact of a REGISTER.
struct Wanted {
    contact: Box<[u8]>,
    /// Zero removes it.
    expires: Duration,
    /// The binding it renews.
    place: Option<u64>,
}

/// RFC 3261 §10.3, step 7: of one Call-ID, a later request only.
fn in_order(bound: &Bound, (call_id, cseq): (&[u8], u32)) -> Result<(), Early> {
    if *bound.call_id == *call_id && cseq <= bound.cseq {
        return Err(Early::new(500, Refused::OutOfOrder));
    }
    Ok(())
}

fn read_contacts(
    settings: &RegistrarSettings,
    account: &Account,
    message: &Message<'_>,
    order: (&[u8], u32),
) -> Result<Vec<Wanted>, Early> {
    let bad = Early::new(400, Refused::Contact);
    let all = message.expires().ok().flatten();
    let mut wanted: Vec<Wanted> = Vec::new();
    for contact in message.addresses(Name::Contact) {
        let contact = contact.map_err(|_| bad)?;
        let Ok(Uri::Sip(uri)) = contact.uri() else { return Err(bad) };
        let expires = expires_of(settings, &contact, all)?;
        let same = |bound: &&Bound| matches!(Uri::parse(&bound.contact), Ok(Uri::Sip(held)) if held.matches(&uri));
        let held = account.bindings.iter().find(same);
        if let Some(held) = held {
            in_order(held, order)?;
        }
        wanted.push(Wanted {
            contact: contact.raw_uri.into(),
            expires,
            place: held.map(|held| held.id),
        });
        if wanted.len() > settings.bindings_max {
            return Err(Early::new(403, Refused::Contact));
        }
    }
    let is_lasting = |wanted: &&Wanted| !wanted.expires.is_zero();
    let added = wanted.iter().filter(is_lasting).filter(|wanted| wanted.place.is_none()).count();
    let removed =
        wanted.iter().filter(|wanted| wanted.expires.is_zero() && wanted.place.is_some()).count();
    if account.bindings.len() + added > settings.bindings_max + removed {
        return Err(Early::new(403, Refused::Contact));
    }
    Ok(wanted)
}

/// How long a contact is bound (RFC 3261 §10.2.1.1, §10.3 step 7).
fn expires_of(
    settings: &RegistrarSettings,
    contact: &NameAddr<'_>,
    all: Option<Duration>,
) -> Result<Duration, Early> {
    let own = contact.params.get(b"expires").and_then(crate::message::scan::number);
    let asked = own.map(Duration::from_secs).or(all).unwrap_or(settings.default);
    if !asked.is_zero() && asked < settings.min {
        return Err(Early::new(423, Refused::TooBrief));
    }
    Ok(asked.min(settings.max))
}
