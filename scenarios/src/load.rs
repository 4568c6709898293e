//! From a path or a text to a scenario: read, merge, set, resolve, check.

use crate::clock::Clock;
use crate::diagnostic::Diagnostics;
use crate::document::Document;
use crate::faults::Faults;
use crate::files::{Files, Library};
use crate::limits;
use crate::merge;
use crate::model::Scenario;
use crate::overrides;
use crate::read::{Read, shorten};
use crate::resolve::{NameList, Resolver};
use crate::source::{Source, SourceId, Sources, Span};
use crate::totals::Totals;
use crate::tree::{Node, Table, Value};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// How a scenario is loaded.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct LoadOptions {
    /// Values that replace those of the file: `path=value`, `path*=factor`.
    pub set: Vec<String>,
    /// Folders that named files may come from, besides the scenario's own.
    pub allow_paths: Vec<PathBuf>,
}

/// A scenario that was loaded.
#[derive(Debug, Clone, PartialEq)]
pub struct Loaded {
    /// The scenario; every id in it points somewhere.
    pub scenario: Scenario,
    /// What may not be as meant.
    pub warnings: Diagnostics,
}

/// Loads a scenario file and the files it names.
///
/// # Errors
///
/// Every fault found, with its place.
pub fn load(path: &Path, options: &LoadOptions) -> Result<Loaded, Diagnostics> {
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
            loader.load(
                &path.display().to_string(),
                file.bytes,
                Some(file.folder),
                Some(file.identity),
                options,
            )
        }
        Err(reason) => {
            loader.faults.error(None, reason);
            Err(loader.failed())
        }
    }
}

/// Loads a scenario from a text. It may name files only below the first of `allow_paths`.
///
/// # Errors
///
/// Every fault found, with its place.
///
/// ```
/// let faults = scenarios::load_str("day.toml", "length = 10", &Default::default());
/// let message = faults.expect_err("a number is no length").to_string();
/// assert!(message.contains("error: 10 needs a unit\n --> day.toml:1:10"), "{message}");
/// ```
pub fn load_str(name: &str, text: &str, options: &LoadOptions) -> Result<Loaded, Diagnostics> {
    let files = Files::on_disk(options.allow_paths.iter().map(PathBuf::as_path));
    let folder = options.allow_paths.first().cloned();
    Loader::new(files).load(name, text.as_bytes().to_vec(), folder, None, options)
}

/// Loads a scenario of a library; the files it names come from there too.
///
/// # Errors
///
/// Every fault found, with its place.
pub fn load_embedded(
    name: &str,
    library: Library,
    options: &LoadOptions,
) -> Result<Loaded, Diagnostics> {
    let mut loader = Loader::new(Files::Library(library));
    let Some(text) = library.get(name) else {
        let names = library.files.iter().map(|(name, _)| *name);
        loader
            .faults
            .error(None, format!("there is no scenario `{}` in the library", shorten(name)))
            .suggest(name, names);
        return Err(loader.failed());
    };
    let identity = Some(PathBuf::from(name));
    loader.load(name, text.as_bytes().to_vec(), Some(PathBuf::new()), identity, options)
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
        folder: Option<PathBuf>,
        identity: Option<PathBuf>,
        options: &LoadOptions,
    ) -> Result<Loaded, Diagnostics> {
        let Some(id) = self.source(name, bytes, folder, None) else { return Err(self.failed()) };
        let chain: Vec<PathBuf> = identity.into_iter().collect();
        let mut tree = self.tree(id, chain);
        if self.faults.errors() > 0 {
            // What is missing or unknown in a half-read file would mislead.
            return Err(self.failed());
        }
        overrides::apply(&mut tree, &options.set, id, &mut self.sources, &mut self.faults);
        self.resolve(name, id, tree)
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

    /// Parses a source and merges it over those it extends; `chain` lists the files on the way.
    fn tree(&mut self, id: SourceId, mut chain: Vec<PathBuf>) -> Table {
        let mut table = crate::tree::parse(&self.sources, id, &mut self.faults);
        let extends = table.remove("extends");
        let remove = table.remove("remove");
        let base = extends.and_then(|entry| {
            let path = crate::read::At::<crate::read::Text>::read(&entry.node, &mut self.faults)?;
            let base = self.base(&path, &mut chain)?;
            Some(self.tree(base, chain))
        });
        merge::extend(base, table, remove, &mut self.faults)
    }

    fn base(
        &mut self,
        path: &crate::read::At<crate::read::Text>,
        chain: &mut Vec<PathBuf>,
    ) -> Option<SourceId> {
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

    fn resolve(mut self, name: &str, id: SourceId, tree: Table) -> Result<Loaded, Diagnostics> {
        let top = Span { source: id, start: 0, end: 0 };
        let node = Node { value: Value::Table(tree), span: top };
        let document = Document::read(&node, &mut self.faults);
        let hash = crate::hash::of(&node);
        let Some(document) = document else { return Err(self.failed()) };
        let clock = document.clock(&mut self.faults);
        let mut resolver = self.resolver(&document, clock);
        let scenario = document.resolve(name, &mut resolver);
        crate::check::settings(&document, &mut resolver);
        if let Some(scenario) = &scenario {
            crate::check::scenario(scenario, &document, &mut resolver);
            crate::bounds::scenario(scenario, &document, &mut resolver);
        }
        let Resolver { faults, sources, data, .. } = resolver;
        let has_failed = faults.errors() > 0;
        let (errors, warnings) = faults.finish(&sources);
        match scenario {
            Some(mut scenario) if !has_failed => {
                scenario.hash = format!("{:016x}", hash ^ data);
                Ok(Loaded { scenario, warnings })
            }
            Some(_) | None => Err(errors),
        }
    }

    fn resolver(self, document: &Document, clock: Clock) -> Resolver {
        Resolver {
            faults: self.faults,
            sources: self.sources,
            files: self.files,
            clock,
            names: document.names(),
            contact: String::new(),
            totals: Totals::default(),
            calls: 0.0,
            demand_scale: document.scale(),
            has_lines: document.has_lines(),
            sites_with_lines: document.sites_with_lines(),
            brought: document.brought(),
            steps: NameList::default(),
            flow_steps: Vec::new(),
            overflows: Vec::new(),
            schedules: BTreeMap::new(),
            traces: BTreeMap::new(),
            data: 0,
        }
    }
}
