//! Reads a file and those it extends into one tree, tells which kind of file it is, and sets values.

use crate::diagnostic::Diagnostics;
use crate::document::Document;
use crate::faults::Faults;
use crate::files::{Files, Library};
use crate::limits;
use crate::load::LoadOptions;
use crate::merge;
use crate::overrides;
use crate::read::{At, Read, Text, shorten};
use crate::shape::Shape;
use crate::source::{Source, SourceId, Sources, Span};
use crate::traffic_file::TrafficDocument;
use crate::tree::{Entry, Node, Table, Value};
use std::cmp::Ordering;
use std::path::{Path, PathBuf};

/// The kinds of files.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum FileKind {
    /// A scenario.
    Scenario,
    /// A load file.
    Traffic,
}

impl FileKind {
    /// Returns what such a file may hold.
    fn shape(self) -> Shape {
        match self {
            Self::Scenario => Document::shape(),
            Self::Traffic => TrafficDocument::shape(),
        }
    }

    /// Returns the other kind.
    const fn other(self) -> Self {
        match self {
            Self::Scenario => Self::Traffic,
            Self::Traffic => Self::Scenario,
        }
    }

    /// Returns what it is called, and what runs it.
    const fn words(self) -> (&'static str, &'static str) {
        match self {
            Self::Scenario => ("scenario", "`callstorm run` simulates a scenario"),
            Self::Traffic => ("load file", "`callstorm load` runs a load file"),
        }
    }

    /// Returns the tables without which such a file says nothing.
    const fn heart(self) -> &'static [&'static str] {
        match self {
            Self::Scenario => &["contact", "queue", "agents"],
            Self::Traffic => &["load", "step"],
        }
    }

    /// Says how much a file looks like this kind: first by tables without which it would say nothing.
    fn likeness(self, layers: &[Layer]) -> (usize, usize) {
        let keys = self.own_keys(layers);
        let hearts = keys.iter().filter(|entry| self.heart().contains(&&*entry.key));
        (hearts.count(), keys.len())
    }

    /// Lists the keys of a file that only this kind has, each once.
    fn own_keys(self, layers: &[Layer]) -> Vec<&Entry> {
        let (own, other) = (self.shape().keys(), self.other().shape().keys());
        let mut keys: Vec<&Entry> = Vec::new();
        for entry in layers.iter().flat_map(|layer| &layer.table.entries) {
            let is_own = own.contains(&&*entry.key) && !other.contains(&&*entry.key);
            if is_own && keys.iter().all(|known| known.key != entry.key) {
                keys.push(entry);
            }
        }
        keys
    }
}

/// One file on the way from a file to the last that it extends.
struct Layer {
    table: Table,
    remove: Option<Entry>,
}

/// A file read, merged and set, not yet looked into.
pub(crate) struct Merged {
    /// What is wrong so far.
    pub(crate) faults: Faults,
    /// The texts read so far.
    pub(crate) sources: Sources,
    /// Where files come from.
    pub(crate) files: Files,
    /// Which kind it is.
    pub(crate) kind: FileKind,
    /// Its name, as given.
    pub(crate) name: String,
    /// Its hash.
    pub(crate) hash: u64,
    /// All it says.
    pub(crate) node: Node,
}

/// Reads a file of the disk.
pub(crate) fn on_disk(
    path: &Path,
    options: &LoadOptions,
    wanted: Option<FileKind>,
) -> Result<Merged, Diagnostics> {
    let folder = match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent.to_path_buf(),
        Some(_) | None => PathBuf::from("."),
    };
    let roots = std::iter::once(folder.as_path());
    let files = Files::on_disk(roots.chain(options.allow_paths.iter().map(PathBuf::as_path)));
    let identity = path.canonicalize().unwrap_or_else(|_| path.to_path_buf());
    let read = crate::files::read_file(path, identity, limits::FILE_BYTES);
    let mut loader = Loader::new(files);
    match read {
        Ok(file) => {
            // `extends` and data files start from the folder as the user wrote it, so that messages do too.
            let place = Place { folder: Some(file.folder), identity: Some(file.identity) };
            loader.load(&path.display().to_string(), file.bytes, place, options, wanted)
        }
        Err(reason) => {
            loader.faults.error(None, reason);
            Err(loader.failed())
        }
    }
}

/// Reads a text.
pub(crate) fn in_text(
    name: &str,
    text: &str,
    options: &LoadOptions,
    wanted: Option<FileKind>,
) -> Result<Merged, Diagnostics> {
    let files = Files::on_disk(options.allow_paths.iter().map(PathBuf::as_path));
    let place = Place { folder: options.allow_paths.first().cloned(), identity: None };
    Loader::new(files).load(name, text.as_bytes().to_vec(), place, options, wanted)
}

/// Reads a file of a library.
pub(crate) fn in_library(
    name: &str,
    library: Library,
    options: &LoadOptions,
    wanted: Option<FileKind>,
) -> Result<Merged, Diagnostics> {
    let mut loader = Loader::new(Files::Library(library));
    let Some(text) = library.get(name) else {
        let names = library.files.iter().map(|(name, _)| *name);
        loader
            .faults
            .error(None, format!("there is no scenario `{}` in the library", shorten(name)))
            .suggest(name, names);
        return Err(loader.failed());
    };
    let folder = Path::new(name).parent().map(Path::to_path_buf).unwrap_or_default();
    let place = Place { folder: Some(folder), identity: Some(PathBuf::from(name)) };
    loader.load(name, text.as_bytes().to_vec(), place, options, wanted)
}

/// Where a text comes from.
struct Place {
    /// The folder that its own paths start from.
    folder: Option<PathBuf>,
    /// What tells it from other files.
    identity: Option<PathBuf>,
}

struct Loader {
    sources: Sources,
    faults: Faults,
    files: Files,
}

impl Loader {
    fn new(files: Files) -> Self {
        Self { sources: Sources::default(), faults: Faults::default(), files }
    }

    fn failed(self) -> Diagnostics {
        self.faults.finish(&self.sources).0
    }

    fn load(
        mut self,
        name: &str,
        bytes: Vec<u8>,
        place: Place,
        options: &LoadOptions,
        wanted: Option<FileKind>,
    ) -> Result<Merged, Diagnostics> {
        let Some(id) = self.source(name, bytes, place.folder, None) else {
            return Err(self.failed());
        };
        let mut layers = Vec::new();
        self.layers(id, place.identity.into_iter().collect(), &mut layers);
        let kind = self.kind(&layers, wanted);
        let mut tree = merged(layers, &kind.shape(), &mut self.faults);
        if self.faults.errors() > 0 {
            // What is missing or unknown in a half-read file would mislead.
            return Err(self.failed());
        }
        let Self { sources, faults, .. } = &mut self;
        overrides::apply(&mut tree, &kind.shape(), &options.set, id, sources, faults);
        let top = Span { source: id, start: 0, end: 0 };
        let node = Node { value: Value::Table(tree), span: top };
        let hash = crate::hash::of(&node, &kind.shape());
        let Self { sources, faults, files } = self;
        Ok(Merged { faults, sources, files, kind, name: name.to_owned(), hash, node })
    }

    /// Adds a text to the sources.
    fn source(
        &mut self,
        name: &str,
        bytes: Vec<u8>,
        folder: Option<PathBuf>,
        named: Option<Span>,
    ) -> Option<SourceId> {
        if bytes.len() as u64 > limits::FILE_BYTES {
            let message =
                format!("`{}` is larger than {} bytes", shorten(name), limits::FILE_BYTES);
            self.faults.error(named, message).label("put long lists into CSV files");
            return None;
        }
        match String::from_utf8(bytes) {
            Ok(text) => {
                let text = crate::tables::without_mark(text);
                Some(self.sources.add(Source { name: name.to_owned(), folder, text }))
            }
            Err(error) => {
                let at = error.utf8_error().valid_up_to();
                let message = format!("`{}` is not UTF-8 text: byte {at} is wrong", shorten(name));
                self.faults.error(named, message).label("expected a scenario in TOML");
                None
            }
        }
    }

    /// Parses a source and those it extends, itself first; `chain` lists the files on the way.
    fn layers(&mut self, id: SourceId, mut chain: Vec<PathBuf>, layers: &mut Vec<Layer>) {
        let mut table = crate::tree::parse(&self.sources, id, &mut self.faults);
        let extends = table.remove("extends");
        let remove = table.remove("remove");
        layers.push(Layer { table, remove });
        let Some(extends) = extends else { return };
        let path = At::<Text>::read(&extends.node, &mut self.faults);
        if let Some(base) = path.and_then(|path| self.base(&path, &mut chain)) {
            self.layers(base, chain, layers);
        }
    }

    fn base(&mut self, path: &At<Text>, chain: &mut Vec<PathBuf>) -> Option<SourceId> {
        if chain.len() as u64 >= limits::EXTENDS_DEPTH {
            self.faults
                .error(path.span, "files extend each other too deeply")
                .label(format!("expected at most {} files in a row", limits::EXTENDS_DEPTH));
            return None;
        }
        let Some(folder) = self.sources.get(path.span.source).folder.clone() else {
            self.faults
                .error(path.span, "no files can be read here")
                .label("this text has no folder to start from");
            return None;
        };
        match self.files.read(&folder, &path.value.0, limits::FILE_BYTES) {
            Ok(file) if chain.contains(&file.identity) => {
                self.faults
                    .error(path.span, format!("`{}` extends itself", shorten(&path.value.0)))
                    .label("this file is on the way here already");
                None
            }
            Ok(file) => {
                chain.push(file.identity);
                self.source(&file.name, file.bytes, Some(file.folder), Some(path.span))
            }
            Err(reason) => {
                crate::resolve::report_file(&mut self.faults, path.span, reason);
                None
            }
        }
    }

    /// Tells the kind of a file by the keys that only one kind has: a few of the other's are slips. Says
    /// where it is not the kind wanted.
    fn kind(&mut self, layers: &[Layer], wanted: Option<FileKind>) -> FileKind {
        let [scenario, traffic] =
            [FileKind::Scenario, FileKind::Traffic].map(|kind| kind.likeness(layers));
        let kind = match scenario.cmp(&traffic) {
            // A file with faults in its syntax was only read in part.
            _ if self.faults.errors() > 0 => wanted.unwrap_or(FileKind::Scenario),
            Ordering::Less => FileKind::Traffic,
            Ordering::Greater => FileKind::Scenario,
            Ordering::Equal => wanted.unwrap_or(FileKind::Scenario),
        };
        let Some(wanted) = wanted.filter(|wanted| *wanted != kind) else { return kind };
        let keys = kind.own_keys(layers);
        let key = keys.first().expect("keys told the kind");
        let ((is, runs), (is_not, _)) = (kind.words(), wanted.words());
        self.faults
            .error(key.key_span, format!("this is a {is}, not a {is_not}"))
            .label(format!("a {is_not} has no `{}`", key.key))
            .hint(runs);
        kind
    }
}

/// Lays each file over the one it extends.
fn merged(mut layers: Vec<Layer>, shape: &Shape, faults: &mut Faults) -> Table {
    let mut tree = None;
    while let Some(Layer { table, remove }) = layers.pop() {
        tree = Some(merge::extend(tree, table, remove, shape, faults));
    }
    tree.unwrap_or_default()
}
