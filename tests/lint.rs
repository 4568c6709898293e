//! `callstorm lint` as a script meets it: exit codes, streams.

use std::process::{Command, Output};

/// What SIPp says to itself over TCP: its ACK and BYE go past the Contact of the answer.
const CAPTURE: &str = "sip/tests/lint/captures/sipp-tcp.pcap";

fn lint(arguments: &[&str]) -> (Option<i32>, String, String) {
    let output: Output = Command::new(env!("CARGO_BIN_EXE_callstorm"))
        .arg("lint")
        .args(arguments)
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .output()
        .expect("the binary was built for this test");
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    (output.status.code(), text(&output.stdout), text(&output.stderr))
}

#[test]
fn findings_exit_99_with_the_first_of_each_rule_on_stdout() {
    let (code, stdout, stderr) = lint(&[CAPTURE, "--whole", "--lossless"]);
    assert_eq!(code, Some(99), "{stdout}{stderr}");
    let first = "packet 10 at 0.203319s: remote-target (RFC 3261 §12.2.1.1)\n";
    assert!(stdout.starts_with(first), "{stdout}");
    assert_eq!(stdout.matches("\npacket ").count(), 2);
    assert!(stdout.ends_with("remote-target: 3 more; --all shows them\n"), "{stdout}");
    assert!(stderr.starts_with("36 packets: 18 SIP messages of 3 Call-IDs"), "{stderr}");
    let (_, stdout, _) = lint(&[CAPTURE, "--all"]);
    assert_eq!(stdout.matches("packet ").count(), 6);
}

#[test]
fn a_file_that_is_no_capture_is_bad_input() {
    for bad in ["README.md", "no-such-file.pcap"] {
        let (code, stdout, stderr) = lint(&[bad]);
        assert_eq!((code, stdout.as_str()), (Some(104), ""), "{stderr}");
        assert!(stderr.contains(bad), "{stderr}");
    }
    assert_eq!(lint(&[]).0, Some(104));
}

#[test]
fn rules_are_listed_one_a_line() {
    let (code, stdout, _) = lint(&["--rules"]);
    assert_eq!(code, Some(0));
    assert_eq!(stdout.lines().count(), sip::lint::rules().count());
}
