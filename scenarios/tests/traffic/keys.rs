//! What becomes of each key.

use crate::help::{SMALL, load, load_with, refused, traffic};
use acd::Duration;
use chance::Law;
use scenarios::Secret;
use scenarios::traffic::{
    DigitsBy, Expected, Gaps, Part, Password, Request, Segment, Send, Shape, Sound, Step, Test,
    Traffic,
};

fn everything() -> Traffic {
    traffic(include_str!("../good/load-everything.toml"))
}

fn text(text: &str) -> Part {
    Part::Text(text.to_owned())
}

fn sends(traffic: &Traffic) -> Vec<&Send> {
    let sends = traffic
        .flow
        .iter()
        .filter_map(|step| if let Step::Send(send) = step { Some(send) } else { None });
    sends.collect()
}

#[test]
fn load_says_when_calls_begin() {
    let traffic = everything();
    let segment = |from, to, s| Segment { from, to, length: Some(Duration::from_secs(s)) };
    let profile =
        vec![segment(10.0, 10.0, 30), segment(10.0, 500.0, 60), segment(500.0, 500.0, 210)];
    assert_eq!(traffic.shape, Shape::Open { profile, gaps: Gaps::Even });
    assert_eq!(traffic.length, Some(Duration::from_secs(300)));
    assert_eq!((traffic.calls, traffic.seed), (Some(100_000), 7));
    assert_eq!(traffic.interval, Duration::from_secs(10));
    assert_eq!(traffic.target.as_deref(), Some("sip:127.0.0.1:5060"));
}

#[test]
fn a_rate_without_an_end_has_no_length_and_its_gaps_are_those_of_people() {
    let traffic = traffic(&SMALL.replace(" for 1m", ""));
    let profile = vec![Segment { from: 10.0, to: 10.0, length: None }];
    assert_eq!(traffic.shape, Shape::Open { profile, gaps: Gaps::Poisson });
    assert_eq!((traffic.length, traffic.calls), (None, None));
    assert_eq!(traffic.interval, Duration::from_secs(10));
}

#[test]
fn callers_call_again() {
    let closed = "callers = 200\nbetween = { exponential = { mean = \"5s\" } }\nlength = \"1h\"";
    let traffic = traffic(&SMALL.replace("rate = \"10/s for 1m\"", closed));
    let between = Law::Exponential { mean: 5.0 };
    assert_eq!(traffic.shape, Shape::Closed { callers: 200, between });
    assert_eq!(traffic.length, Some(Duration::from_secs(3600)));
}

#[test]
fn rows_are_read_with_their_columns() {
    let rows = everything().rows.expect("there are rows");
    assert_eq!(rows.columns, ["number", "customer", "user", "pin"]);
    assert_eq!((rows.len(), rows.is_random), (2, true));
    assert_eq!(rows.field(1, 1), "Bob, jr");
    assert_eq!(rows.field(1, 3), "99#");
}

#[test]
fn accounts_take_a_column_or_a_secret() {
    let account = everything().account.expect("there is one");
    assert_eq!(account.user.parts, [Part::Column(2)]);
    assert_eq!(account.password, Password::Column(3));
    let text = format!("{SMALL}[account]\nuser = \"ann\"\npassword_env = \"ANN_PW\"\n");
    let account = traffic(&text).account.expect("there is one");
    let secret = Secret::Environment("ANN_PW".to_owned());
    assert_eq!(account.password, Password::Secret(secret));
}

#[test]
fn requests_take_their_keys() {
    let traffic = everything();
    let sends = sends(&traffic);
    let invite = sends[0];
    assert_eq!(invite.request, Request::Invite { has_offer: true });
    let to = [text("sip:"), Part::Column(0), text("@"), Part::Target, text(";user=phone")];
    assert_eq!(invite.to.as_ref().expect("given").parts, to);
    let from = [text("sip:load-"), Part::Call, text("@"), Part::Local];
    assert_eq!(invite.from.as_ref().expect("given").parts, from);
    let names: Vec<&str> = invite.headers.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(names, ["X-Customer", "Subject"]);
    assert_eq!(invite.headers[1].1.parts, [text("call {"), Part::Call, text("}")]);
    assert_eq!(sends[1].request, Request::Reinvite { is_hold: true });
    let Request::Info { content_type, body } = &sends[2].request else { panic!("an INFO") };
    assert_eq!(content_type, "application/x-note; charset=utf-8");
    assert_eq!(body.parts, [text("call "), Part::Call]);
    assert_eq!(sends[3].request, Request::Bye);
    assert_eq!(sends[3].headers[0].0, "Reason");
    assert_eq!(sends[4].request, Request::Options);
    assert_eq!(sends[5].request, Request::Register { expires: Duration::ZERO });
}

#[test]
fn branches_lead_to_their_steps() {
    let traffic = everything();
    let Step::Expect(expect) = &traffic.flow[2] else { panic!("an expect") };
    assert_eq!(expect.what, Expected::Status { low: 200, high: 200 });
    assert_eq!(expect.within, Duration::from_secs(10));
    let header = |name: &str, contains: &str| Test::Header {
        name: name.to_owned(),
        contains: contains.to_owned(),
    };
    let tests: Vec<Test> = expect.branches.iter().map(|branch| branch.test.clone()).collect();
    let expected = [
        Test::Status { low: 486, high: 486 },
        Test::Status { low: 500, high: 599 },
        header("X-Queue", "sales"),
        header("Retry-After", ""),
        Test::TimedOut,
        Test::Bye,
    ];
    assert_eq!(tests, expected);
    let good = Step::End { is_good: true };
    assert_eq!(traffic.flow[expect.branches[0].to], good);
    assert_eq!(traffic.flow[expect.branches[1].to], Step::End { is_good: false });
    assert!(matches!(traffic.flow[expect.branches[2].to], Step::Play { .. }));
}

#[test]
fn sounds_and_keys_are_as_written() {
    let traffic = everything();
    let sounds = traffic.flow.iter().filter_map(|step| {
        if let Step::Play { sound, waits } = step { Some((sound, *waits)) } else { None }
    });
    let sounds: Vec<(&Sound, bool)> = sounds.collect();
    let Sound::File { name, wav, is_looped: true } = sounds[0].0 else { panic!("a file") };
    assert_eq!((name.as_str(), wav.len()), ("hello.wav", 204));
    let tone = Sound::Tone { hertz: 440, length: Some(Duration::from_secs(2)) };
    assert_eq!(sounds[1], (&tone, true));
    assert_eq!(sounds[2], (&Sound::Silence, false));
    assert_eq!(sounds[3], (&Sound::Marker, false));
    let keys = traffic.flow.iter().filter_map(|step| {
        if let Step::Digits { keys, by } = step { Some((keys.parts.clone(), *by)) } else { None }
    });
    let keys: Vec<(Vec<Part>, DigitsBy)> = keys.collect();
    assert_eq!(keys[0], (vec![text("1,"), Part::Column(3), text("#")], DigitsBy::Info));
    assert_eq!(keys[1], (vec![text("AB*")], DigitsBy::Rtp));
}

#[test]
fn a_flow_that_only_stops_ends_well() {
    let traffic = traffic(SMALL);
    assert_eq!(traffic.flow.len(), 5);
    assert_eq!(traffic.flow[4], Step::End { is_good: true });
    let Step::Expect(expect) = &traffic.flow[1] else { panic!("an expect") };
    assert_eq!((expect.within, expect.is_optional), (Duration::from_secs(180), false));
}

#[test]
fn what_the_command_line_makes_is_what_a_file_would() {
    let profile = scenarios::parse_profile("10/s for 1m").expect("a profile");
    let plain = Traffic::plain(Shape::open(profile.clone()), Duration::from_secs(30));
    let steps = "\
[[step]]\nsend = \"INVITE\"\n[[step]]\nexpect = \"1xx\"\noptional = true\n[[step]]\nexpect = \"2xx\"\n\
[[step]]\npause = \"30s\"\n[[step]]\nsend = \"BYE\"\n[[step]]\nexpect = \"2xx\"\n";
    let file =
        traffic(&format!("title = \"plain calls\"\n[load]\nrate = \"10/s for 1m\"\n{steps}"));
    let made = Traffic { file: file.file.clone(), hash: file.hash.clone(), ..plain.clone() };
    assert_eq!(made, file);
    let other = Traffic::plain(Shape::open(profile.clone()), Duration::ZERO);
    assert_eq!(other.flow.len(), plain.flow.len() - 1, "no pause where nothing is held");
    assert_ne!(other.hash, plain.hash);
    assert_eq!(plain.hash.len(), 16);
    let options = Traffic::options(Shape::open(profile.clone()));
    assert_eq!(sends(&options)[0].request, Request::Options);
    let expires = Duration::from_secs(60);
    let register = Traffic::register(Shape::open(profile), expires);
    assert_eq!(sends(&register)[0].request, Request::Register { expires });
}

#[test]
fn hash_changes_with_the_file_and_with_the_rows() {
    let everything = everything();
    assert_eq!(everything.hash.len(), 16);
    let text = include_str!("../good/load-everything.toml");
    assert_eq!(load(&format!("# a comment\n{text}")).traffic.hash, everything.hash);
    let other = load(&text.replace("seed = 7", "seed = 8"));
    assert_ne!(other.traffic.hash, everything.hash);
}

#[test]
fn values_are_set_by_their_paths_and_steps_by_their_names() {
    let file = SMALL.replace(
        "[[step]]\nsend = \"BYE\"",
        "[[step]]\nname = \"hang-up\"\nheaders.X-A = \"a\"\nsend = \"BYE\"",
    );
    let set = ["load.rate=20/s", "load.seed=9", "step.hang-up.headers.X-A=b", "target=sip:[::1]"];
    let loaded = load_with(&file, &set).expect("good");
    assert_eq!(loaded.traffic.seed, 9);
    assert_eq!(loaded.traffic.length, None);
    assert_eq!(sends(&loaded.traffic)[1].headers[0].1.parts, [text("b")]);
    let faults = load_with(&file, &["load.rat=20/s"]).expect_err("a slip");
    assert!(faults.contains("did you mean `rate`?"), "{faults}");
}

#[test]
fn calls_without_an_end_are_warned_of_where_new_ones_come() {
    let endless = "[[step]]\nname = \"ping\"\nsend = \"OPTIONS\"\n[[step]]\nexpect = \"2xx\"\n\
                   [[step]]\npause = \"30s\"\n[[step]]\ngoto = \"ping\"\n";
    let open = load(&format!("[load]\nrate = \"1/s\"\n{endless}"));
    assert!(open.warnings.to_string().contains("no call of this flow comes to its end"));
    let closed = load(&format!("[load]\ncallers = 5\n{endless}"));
    assert!(closed.warnings.is_empty(), "{}", closed.warnings);
}

#[test]
fn steps_that_only_some_answers_make_wrong_are_taken() {
    // A call that was refused cannot be hung up, but one that was answered can.
    let text = SMALL.replace(
        "expect = \"2xx\"\n\n[[step]]\nsend = \"BYE\"",
        "expect = \"2xx\"\nbranch = [{ status = \"4xx\", to = \"bye\" }]\n\n\
         [[step]]\nname = \"bye\"\nsend = \"BYE\"",
    );
    traffic(&text);
    // The 2xx may cross the CANCEL; what comes is one of both answers.
    let cancelled = "[load]\nrate = \"1/s\"\n[[step]]\nsend = \"INVITE\"\n[[step]]\nexpect = 180\n\
        [[step]]\nsend = \"CANCEL\"\n[[step]]\nexpect = 200\n[[step]]\nexpect = 487\n";
    traffic(cancelled);
}

#[test]
fn headers_of_the_generator_are_refused_in_either_spelling() {
    for name in [
        "Via",
        "v",
        "FROM",
        "t",
        "Call-ID",
        "i",
        "CSeq",
        "Contact",
        "m",
        "l",
        "Route",
        "Content-Length",
        "Max-Forwards",
        "Record-Route",
        "Authorization",
        "content-type",
        "c",
    ] {
        let text = SMALL.replace(
            "send = \"INVITE\"",
            &format!("send = \"INVITE\"\nheaders = {{ {name} = \"x\" }}"),
        );
        let faults = refused(&text);
        assert!(faults.contains(&format!("`{name}` cannot be added")), "{faults}");
    }
}
