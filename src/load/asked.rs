//! From the command line and a file to a plan, held against the caps.

use super::arguments::{Kind, LoadArguments};
use crate::exit::Failure;
use crate::library::Source;
use live::reach::Policy;
use loadgen::{Outlets, Plan, Target, Voices};
use reports::traffic::TrafficLedger;
use scenarios::traffic::{Account, Part, Password, Request, Send, Shape, Step, Template};
use scenarios::{LoadOptions, Secret, Traffic};
use sip::Duration;
use sip::flow::Transport;
use std::net::{IpAddr, ToSocketAddrs as _};

/// Caps that only a flag lifts (DESIGN §7): load is aimed at somebody.
const RATE_MAX: f64 = 50.0;
const CALLS_MAX: u32 = 200;
const LENGTH_MAX: Duration = Duration::from_secs(600);

/// Ports for audio: those that no usual service has.
const AUDIO_PORTS: (u16, u16) = (30_000, 59_999);

/// How long calls are started when nothing says it.
const LENGTH: Duration = Duration::from_secs(10);

/// Puts together what is asked for.
pub(super) fn plan(arguments: &LoadArguments) -> Result<Plan, Failure> {
    let traffic = traffic(arguments)?;
    let policy =
        Policy { allow_private: arguments.allow_private, hosts: arguments.allow_host.clone() };
    let target = target(arguments, &traffic, &policy)?;
    let length = length(arguments, &traffic);
    let cap =
        |text: String, hint: String| Failure::BadInput(format!("error: {text}\n\nhint: {hint}"));
    if length > arguments.max_length.map_or(LENGTH_MAX, |most| most.0) && arguments.length.is_none()
    {
        return Err(cap(
            format!(
                "this load lasts {} s; without a flag it may last {} s",
                length.as_secs(),
                LENGTH_MAX.as_secs()
            ),
            format!("add `--max-length {}s`", length.as_secs()),
        ));
    }
    let voices = Voices::of_flow(&traffic.flow).map_err(|(name, fault)| {
        Failure::BadInput(format!("error: `{name}` cannot be played: {fault}"))
    })?;
    let mut plan = Plan {
        voices,
        audio_ports: AUDIO_PORTS,
        password: password(arguments, &traffic)?,
        calls: arguments.calls.or(traffic.calls),
        traffic,
        target,
        length,
        calls_max: arguments.max_calls.unwrap_or(CALLS_MAX) as usize,
        shards: usize::from(arguments.threads.unwrap_or(1)),
        policy,
    };
    if let Some(peak) = peak(&plan) {
        let most = arguments.max_rate.map_or(RATE_MAX, |rate| rate.per_second());
        let is_typed = arguments.rate.is_some() && arguments.max_rate.is_none();
        if peak > most && !is_typed {
            return Err(cap(
                format!(
                    "this load reaches {peak} calls a second; without a flag it may reach {most}"
                ),
                format!("add `--max-rate {peak}/s`"),
            ));
        }
    }
    fits(&plan)?;
    plan.calls_max = plan.calls_max.max(plan.shards);
    Ok(plan)
}

/// Holds the calls that will be up at once against the cap.
///
/// # Errors
/// [`Failure::BadInput`] with the flag that lifts it.
pub(super) fn fits(plan: &Plan) -> Result<(), Failure> {
    let at_once = calls_at_once(plan);
    if at_once <= plan.calls_max as f64 {
        return Ok(());
    }
    let (needed, room) = (at_once.ceil(), (at_once * 1.1).ceil() + 10.0);
    Err(Failure::BadInput(format!(
        "error: this load needs about {needed} calls at once; {} are allowed\n\n\
         hint: add `--max-calls {room}`, or let calls be shorter or fewer",
        plan.calls_max
    )))
}

/// What is sent: a file's, or one made of the flags.
fn traffic(arguments: &LoadArguments) -> Result<Traffic, Failure> {
    let mut traffic = match &arguments.file {
        Some(file) => {
            let options = LoadOptions {
                set: arguments.set.clone(),
                allow_paths: arguments.allow_path.clone(),
            };
            Source::find(file)?.load_traffic(&options, arguments.quiet)?
        }
        None => plain(arguments)?,
    };
    if let (Some(_), Some(shape)) = (&arguments.file, shape(arguments)?) {
        traffic.shape = shape;
    }
    if let (Shape::Open { gaps, .. }, Some(asked)) = (&mut traffic.shape, arguments.gaps) {
        *gaps = asked.into();
    }
    traffic.seed = arguments.seed.unwrap_or(traffic.seed);
    let second = arguments.file.is_none().then_some(Duration::from_secs(1));
    if let Some(interval) = arguments.interval.map(|interval| interval.0).or(second) {
        traffic.interval = super::micros(interval);
    }
    let headers = arguments.header.iter().map(|header| {
        (header.name.clone(), Template { parts: vec![Part::Text(header.value.clone())] })
    });
    let headers: Vec<_> = headers.collect();
    for step in &mut traffic.flow {
        if let Step::Send(Send { request, headers: own, .. }) = step
            && matches!(
                request,
                Request::Invite { .. } | Request::Register { .. } | Request::Options
            )
        {
            own.extend(headers.iter().cloned());
        }
    }
    if let Some(user) = &arguments.user {
        let variable =
            arguments.password_env.clone().unwrap_or_else(|| "CALLSTORM_PASSWORD".to_owned());
        traffic.account = Some(Account {
            user: Template { parts: vec![Part::Text(user.clone())] },
            password: Password::Secret(Secret::Environment(variable)),
        });
    }
    Ok(traffic)
}

/// The load of the command line alone.
fn plain(arguments: &LoadArguments) -> Result<Traffic, Failure> {
    let Some(shape) = shape(arguments)? else {
        return Err(Failure::BadInput(
            "error: nothing says how many calls to place\n\nhint: give `--rate 10/s`, `--callers 5`, or a load file"
                .to_owned(),
        ));
    };
    let hold = super::micros(arguments.hold.0);
    Ok(match arguments.kind {
        Kind::Calls => Traffic::plain(shape, hold),
        Kind::Registers => Traffic::register(shape, acd::Duration::from_secs(3600)),
        Kind::Options => Traffic::options(shape),
    })
}

fn shape(arguments: &LoadArguments) -> Result<Option<Shape>, Failure> {
    if let Some(callers) = arguments.callers {
        let between = chance::Law::Constant(arguments.between.0.as_secs_f64());
        return Ok(Some(Shape::Closed { callers, between }));
    }
    let Some(text) = &arguments.rate else { return Ok(None) };
    let profile = scenarios::parse_profile(text)
        .map_err(|error| Failure::BadInput(format!("error: `--rate {text}`: {error}")))?;
    let gaps = arguments.gaps.map(Into::into).unwrap_or_default();
    Ok(Some(Shape::Open { profile, gaps }))
}

fn target(
    arguments: &LoadArguments,
    traffic: &Traffic,
    policy: &Policy,
) -> Result<Target, Failure> {
    let Some(text) = arguments.target.as_ref().or(traffic.target.as_ref()) else {
        return Err(Failure::BadInput(
            "error: no target\n\nhint: `--target sip:127.0.0.1:5060`, or `target` in the load file"
                .to_owned(),
        ));
    };
    let mut text = text.clone();
    if let Some(transport) = arguments.transport {
        text.push_str(transport.parameter());
    }
    Target::read(&text, policy, &mut resolve).map_err(|error| {
        let hint = match error {
            loadgen::TargetError::OutOfReach(ip) => {
                format!("\n\nhint: is it yours? then `--allow-private` or `--allow-host {ip}`")
            }
            loadgen::TargetError::NotSip(_)
            | loadgen::TargetError::Transport(_)
            | loadgen::TargetError::NoAddress(_) => String::new(),
        };
        Failure::BadInput(format!("error: {error}{hint}"))
    })
}

/// Looks a host up; the first address counts.
fn resolve(name: &str) -> Option<IpAddr> {
    (name, 5060).to_socket_addrs().ok()?.next().map(|address| address.ip())
}

fn length(arguments: &LoadArguments, traffic: &Traffic) -> Duration {
    let said = traffic.length.or(traffic.shape.length());
    let said = said.map(|length| Duration::from_micros(length.0));
    let until_counted = arguments.calls.or(traffic.calls).map(|_| LENGTH_MAX);
    arguments.length.map(|length| length.0).or(said).or(until_counted).unwrap_or(LENGTH)
}

fn password(arguments: &LoadArguments, traffic: &Traffic) -> Result<Option<Vec<u8>>, Failure> {
    let Some(Account { password: Password::Secret(secret), .. }) = &traffic.account else {
        return Ok(None);
    };
    let source = arguments.file.as_deref().map(Source::find).transpose()?;
    crate::serve::secret(source.as_ref(), secret)
        .map(Some)
        .map_err(|error| Failure::BadInput(format!("error: {error}")))
}

/// The highest rate, calls per second; `None` in a closed model.
pub(super) fn peak(plan: &Plan) -> Option<f64> {
    match &plan.traffic.shape {
        Shape::Open { profile, .. } => {
            Some(profile.iter().map(|segment| segment.from.max(segment.to)).fold(0.0, f64::max))
        }
        Shape::Closed { .. } => None,
    }
}

/// How many calls are up at once on average where the load is highest.
fn calls_at_once(plan: &Plan) -> f64 {
    let pauses = plan.traffic.flow.iter().map(|step| match step {
        Step::Pause(law) => law.mean(),
        Step::Digits { .. } => 1.0,
        Step::Send(_) | Step::Expect(_) | Step::Play { .. } | Step::Goto(_) | Step::End { .. } => {
            0.0
        }
    });
    match &plan.traffic.shape {
        Shape::Open { .. } => {
            let lasts = pauses.sum::<f64>().min(plan.length.as_secs_f64());
            let calls = plan.calls.map_or(f64::INFINITY, |calls| calls as f64);
            (peak(plan).unwrap_or(0.0) * lasts).min(calls)
        }
        Shape::Closed { callers, .. } => f64::from(*callers),
    }
}

/// Where calls go out.
pub(super) fn outlets(arguments: &LoadArguments, plan: &Plan) -> Outlets {
    let home: IpAddr = match plan.target.address.ip() {
        IpAddr::V4(ip) if ip.is_loopback() => IpAddr::from([127, 0, 0, 1]),
        IpAddr::V6(ip) if ip.is_loopback() => ip.into(),
        IpAddr::V4(_) | IpAddr::V6(_) => {
            let ip = plan.target.address.ip();
            own_address(ip).unwrap_or(ip)
        }
    };
    let sources = if arguments.source.is_empty() { vec![home] } else { arguments.source.clone() };
    Outlets { sources, sockets: usize::from(arguments.sockets), drop_plan: arguments.drop }
}

/// The address this machine would send from: asked of the system by a socket that sends nothing.
fn own_address(to: IpAddr) -> Option<IpAddr> {
    let any: IpAddr = if to.is_ipv4() { [0, 0, 0, 0].into() } else { [0_u16; 8].into() };
    let socket = std::net::UdpSocket::bind((any, 0)).ok()?;
    socket.connect((to, 5060)).ok()?;
    socket.local_addr().ok().map(|address| address.ip())
}

/// States how the run was made, as RFC 7502 §4 wants it said with every result.
pub(super) fn state(plan: &Plan, outlets: &Outlets, ledger: &mut TrafficLedger) {
    ledger.state("target", plan.target.uri.clone());
    let transport = match plan.target.transport {
        Transport::Udp => "UDP",
        Transport::Tcp => "TCP",
        Transport::Tls => "TLS",
    };
    ledger.state("transport", transport);
    ledger.state(
        "arrivals",
        match &plan.traffic.shape {
            Shape::Open { gaps, .. } => match gaps {
                scenarios::traffic::Gaps::Poisson => "open model, Poisson".to_owned(),
                scenarios::traffic::Gaps::Even => "open model, even gaps".to_owned(),
            },
            Shape::Closed { callers, .. } => format!("closed model, {callers} callers"),
        },
    );
    let sockets = outlets.sources.len() * outlets.sockets * plan.shards;
    ledger.state("threads", plan.shards.to_string());
    ledger.state("sockets", sockets.to_string());
    if let Some(drop) = outlets.drop_plan {
        ledger.state("bad line on purpose", format!("{drop:?}"));
    }
}
