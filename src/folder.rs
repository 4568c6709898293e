//! The folder of a report: written whole beside its place, then renamed; what it did not make it never overwrites.

use crate::exit::Failure;
use std::fs::{self, File};
use std::io::{self, BufWriter, ErrorKind, Read as _, Write};
use std::path::{Path, PathBuf};
use tempfile::TempDir;

/// The files that a report may consist of. A folder with any other is not ours to replace.
const OURS: [&str; 5] =
    ["summary.json", "intervals.csv", "report.html", "calls.csv", "events.jsonl"];

/// A folder being written.
#[derive(Debug)]
pub(crate) struct Folder {
    target: PathBuf,
    draft: TempDir,
}

impl Folder {
    /// Begins a folder that will stand at `target`.
    ///
    /// # Errors
    /// [`Failure::BadInput`] when something else than an earlier report stands there.
    pub(crate) fn begin(target: &Path) -> Result<Self, Failure> {
        let target = &resolved(target)?;
        refuse_what_is_not_ours(target)?;
        let parent = match target.parent() {
            Some(parent) if !parent.as_os_str().is_empty() => parent,
            Some(_) | None => Path::new("."),
        };
        fs::create_dir_all(parent).map_err(|e| Failure::file("make the folder", parent, &e))?;
        // Beside the target, so that the rename stays on one disk.
        let draft = tempfile::Builder::new()
            .prefix(".callstorm-")
            .tempdir_in(parent)
            .map_err(|e| Failure::file("write into", parent, &e))?;
        Ok(Self { target: target.to_owned(), draft })
    }

    /// Returns where the folder will stand.
    pub(crate) fn target(&self) -> &Path {
        &self.target
    }

    /// Writes a file whole, by a function that does it bit by bit.
    ///
    /// # Errors
    /// [`Failure::Machine`] when the disk refuses.
    pub(crate) fn write(
        &self,
        name: &str,
        content: impl FnOnce(&mut dyn Write) -> io::Result<()>,
    ) -> Result<(), Failure> {
        let mut file = self.create(name)?;
        let written = content(&mut file).and_then(|()| file.flush());
        written.map_err(|e| Failure::file("write", &self.path(name), &e))
    }

    /// Opens a file that is written bit by bit.
    ///
    /// # Errors
    /// [`Failure::Machine`] when the disk refuses.
    pub(crate) fn create(&self, name: &str) -> Result<BufWriter<File>, Failure> {
        let path = self.path(name);
        let file = File::create(&path).map_err(|e| Failure::file("write", &path, &e))?;
        Ok(BufWriter::new(file))
    }

    /// Puts the folder in its place, instead of an earlier report.
    ///
    /// # Errors
    /// [`Failure::Machine`] when the disk refuses; the earlier report then still stands.
    pub(crate) fn finish(self) -> Result<(), Failure> {
        // Somebody may have put something there during the run.
        refuse_what_is_not_ours(&self.target)?;
        let parent = self.draft.path().parent().expect("a draft stands in a folder");
        let failed = |e: io::Error| Failure::file("write", &self.target, &e);
        let attic = tempfile::Builder::new()
            .prefix(".callstorm-")
            .tempdir_in(parent)
            .map_err(|e| Failure::file("write into", parent, &e))?;
        let old = attic.path().join("old");
        let had_old = match fs::rename(&self.target, &old) {
            Ok(()) => true,
            Err(error) if error.kind() == ErrorKind::NotFound => false,
            Err(error) => return Err(failed(error)),
        };
        make_readable(self.draft.path()).map_err(failed)?;
        fs::rename(self.draft.path(), &self.target).map_err(|error| {
            if had_old {
                // Best effort: the first error is the one to tell.
                let _ = fs::rename(&old, &self.target);
            }
            failed(error)
        })
    }

    fn path(&self, name: &str) -> PathBuf {
        debug_assert!(OURS.contains(&name), "`{name}` is no file of a report");
        self.draft.path().join(name)
    }
}

/// Gives a draft the permissions of any new folder: a temporary one is closed to others.
#[cfg(unix)]
fn make_readable(draft: &Path) -> io::Result<()> {
    use std::os::unix::fs::PermissionsExt as _;
    fs::set_permissions(draft, fs::Permissions::from_mode(0o755))
}

#[cfg(not(unix))]
fn make_readable(_draft: &Path) -> io::Result<()> {
    Ok(())
}

/// Follows a link, so that what it leads to is replaced and not the link; refuses what cannot be replaced.
fn resolved(target: &Path) -> Result<PathBuf, Failure> {
    let real = target.canonicalize();
    let is_here = real.is_ok() && real.as_ref().ok() == Path::new(".").canonicalize().ok().as_ref();
    if is_here || target.file_name().is_none() {
        return Err(Failure::BadInput(format!(
            "error: `{}` cannot be replaced by a report\n\nhint: name a new folder with `--out`",
            target.display()
        )));
    }
    let is_link = target.symlink_metadata().is_ok_and(|metadata| metadata.is_symlink());
    match real {
        Ok(real) if is_link => Ok(real),
        Ok(_) | Err(_) => Ok(target.to_owned()),
    }
}

/// Refuses a target that holds anything but a report of ours.
fn refuse_what_is_not_ours(target: &Path) -> Result<(), Failure> {
    let entries = match fs::read_dir(target) {
        Ok(entries) => entries,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(()),
        Err(error) if error.kind() == ErrorKind::NotADirectory => {
            return Err(not_ours(target, "it is a file"));
        }
        Err(error) => return Err(Failure::file("read", target, &error)),
    };
    let mut is_empty = true;
    for entry in entries {
        let entry = entry.map_err(|e| Failure::file("read", target, &e))?;
        let name = entry.file_name();
        if !OURS.iter().any(|ours| name.to_str() == Some(ours)) {
            return Err(not_ours(target, &format!("it holds `{}`", name.to_string_lossy())));
        }
        is_empty = false;
    }
    match is_empty || is_summary(&target.join("summary.json")) {
        true => Ok(()),
        false => Err(not_ours(target, "its `summary.json` is not callstorm's")),
    }
}

fn not_ours(target: &Path, why: &str) -> Failure {
    Failure::BadInput(format!(
        "error: `{}` is not an earlier report: {why}\n\n\
         hint: nothing was overwritten; name another folder with `--out`",
        target.display()
    ))
}

/// Returns whether a file begins as a summary that callstorm wrote; the rest may be long.
fn is_summary(path: &Path) -> bool {
    // What is no file may never end, or never begin.
    let Some(beginning) = path.is_file().then(|| beginning(path, 200).ok()).flatten() else {
        return false;
    };
    let text = String::from_utf8_lossy(&beginning);
    let mut rest = text.as_ref();
    ["{", "\"schema\":", "\"version\":", "\"mode\":", "\"scenario\":"].iter().all(|key| {
        let found = rest.split_once(key);
        rest = found.map_or("", |(_, rest)| rest);
        found.is_some()
    })
}

/// Refuses a path where anything but a file of XML stands: only an earlier report is overwritten.
///
/// # Errors
/// [`Failure::BadInput`] when something else stands there, [`Failure::Machine`] when it cannot be read.
pub(crate) fn refuse_what_is_not_xml(path: &Path) -> Result<(), Failure> {
    match path.metadata() {
        // Neither a device nor a pipe is read, and never replaced by a file.
        Ok(metadata) if !metadata.is_file() => Err(not_xml(path)),
        Ok(_) => {
            let beginning = beginning(path, 5).map_err(|e| Failure::file("read", path, &e))?;
            match beginning.is_empty() || beginning == b"<?xml" {
                true => Ok(()),
                false => Err(not_xml(path)),
            }
        }
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(()),
        Err(error) => Err(Failure::file("write", path, &error)),
    }
}

fn not_xml(path: &Path) -> Failure {
    Failure::BadInput(format!(
        "error: `{}` is not an earlier JUnit report: nothing was overwritten\n\n\
         hint: name another file with `--junit`",
        path.display()
    ))
}

/// Reads the first bytes of a file.
fn beginning(path: &Path, most: u64) -> io::Result<Vec<u8>> {
    let mut beginning = Vec::new();
    File::open(path)?.take(most).read_to_end(&mut beginning)?;
    Ok(beginning)
}

/// Writes a file that the command line names, whole or not at all.
///
/// # Errors
/// As [`refuse_what_is_not_xml`]; [`Failure::Machine`] when the disk refuses.
pub(crate) fn write_xml(path: &Path, xml: &str) -> Result<(), Failure> {
    let failed = |e: io::Error| Failure::file("write", path, &e);
    refuse_what_is_not_xml(path)?;
    let parent = match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        Some(_) | None => Path::new("."),
    };
    fs::create_dir_all(parent).map_err(|e| Failure::file("make the folder", parent, &e))?;
    let mut draft =
        tempfile::Builder::new().prefix(".callstorm-").tempfile_in(parent).map_err(failed)?;
    draft.write_all(xml.as_bytes()).map_err(failed)?;
    make_file_readable(draft.as_file()).map_err(failed)?;
    draft.persist(path).map_err(|e| failed(e.error))?;
    Ok(())
}

#[cfg(unix)]
fn make_file_readable(file: &File) -> io::Result<()> {
    use std::os::unix::fs::PermissionsExt as _;
    file.set_permissions(fs::Permissions::from_mode(0o644))
}

#[cfg(not(unix))]
fn make_file_readable(_file: &File) -> io::Result<()> {
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    const SUMMARY: &[u8] =
        br#"{"schema": 1, "version": "0.1.0", "mode": "sim", "scenario": {"title": "x"}}"#;

    fn report(target: &Path) -> Result<(), Failure> {
        let folder = Folder::begin(target)?;
        folder.write("summary.json", |to| to.write_all(SUMMARY))?;
        folder.write("report.html", |to| to.write_all(b"new"))?;
        folder.finish()
    }

    #[test]
    fn report_replaces_an_earlier_report_and_leaves_nothing_beside_it() {
        let room = TempDir::new().expect("a temporary folder");
        let target = room.path().join("deep/out");
        report(&target).expect("the first report is written");
        fs::write(target.join("calls.csv"), "of the first run").expect("written");
        report(&target).expect("the second report replaces it");
        assert!(!target.join("calls.csv").exists());
        let beside = fs::read_dir(room.path().join("deep")).expect("readable").count();
        assert_eq!(beside, 1);
    }

    #[test]
    fn folder_with_a_foreign_file_is_refused_and_kept() {
        let room = TempDir::new().expect("a temporary folder");
        let target = room.path().join("out");
        report(&target).expect("written");
        fs::write(target.join("notes.txt"), "mine").expect("written");
        let failure = report(&target).expect_err("a foreign file stands there");
        assert_eq!(failure.exit().code(), 104);
        assert!(failure.to_string().contains("it holds `notes.txt`"), "{failure}");
        assert!(target.join("notes.txt").exists());
    }

    #[test]
    fn folder_with_somebody_elses_summary_is_refused() {
        let room = TempDir::new().expect("a temporary folder");
        fs::write(room.path().join("summary.json"), "{}").expect("written");
        assert!(report(room.path()).is_err());
    }

    #[test]
    fn file_in_the_place_of_the_folder_is_refused() {
        let room = TempDir::new().expect("a temporary folder");
        let target = room.path().join("out");
        fs::write(&target, "mine").expect("written");
        assert!(report(&target).is_err());
        assert_eq!(fs::read(&target).expect("readable"), b"mine");
    }

    #[cfg(unix)]
    #[test]
    fn link_is_followed_and_stays() {
        let room = TempDir::new().expect("a temporary folder");
        let (link, real) = (room.path().join("link"), room.path().join("real"));
        report(&real).expect("written");
        std::os::unix::fs::symlink(&real, &link).expect("linked");
        report(&link).expect("written again");
        assert!(link.symlink_metadata().expect("it stands").is_symlink());
        assert!(real.join("report.html").exists());
    }

    #[test]
    fn folders_that_cannot_be_replaced_are_refused() {
        for target in [".", "..", "/", "src/.."] {
            let failure = report(Path::new(target)).expect_err(target);
            assert_eq!(failure.exit().code(), 104, "{target}");
        }
    }

    #[test]
    fn draft_that_is_given_up_leaves_nothing() {
        let room = TempDir::new().expect("a temporary folder");
        let folder = Folder::begin(&room.path().join("out")).expect("begun");
        folder.write("summary.json", |to| to.write_all(SUMMARY)).expect("written");
        drop(folder);
        assert_eq!(fs::read_dir(room.path()).expect("readable").count(), 0);
    }

    #[test]
    fn junit_file_replaces_only_xml() {
        let room = TempDir::new().expect("a temporary folder");
        let path = room.path().join("junit.xml");
        write_xml(&path, "<?xml version='1.0'?><a/>").expect("new");
        write_xml(&path, "<?xml version='1.0'?><b/>").expect("again");
        fs::write(&path, "mine").expect("written");
        assert!(write_xml(&path, "<?xml?>").is_err());
        // A folder, and a device that never ends.
        for path in [room.path(), Path::new("/dev/zero")] {
            let failure = write_xml(path, "<?xml?>").expect_err("it is no file");
            assert_ne!(failure.exit().code(), 0, "{failure}");
        }
    }
}
