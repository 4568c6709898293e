//! Files that a scenario names: found beside it, read within limits, never from elsewhere.

use crate::read::shorten;
use std::io::Read as _;
use std::path::{Component, Path, PathBuf};

/// Files compiled into a program, by name.
#[derive(Debug, Clone, Copy, Default)]
pub struct Library {
    /// Name and text of each.
    pub files: &'static [(&'static str, &'static str)],
}

impl Library {
    /// Returns the text of a file.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&'static str> {
        self.files.iter().find(|(file, _)| *file == name).map(|(_, text)| *text)
    }
}

/// Where files may come from.
#[derive(Debug, Clone)]
pub(crate) enum Files {
    /// The disk, below these folders.
    Disk(Vec<PathBuf>),
    /// A library.
    Library(Library),
}

/// A file that was read.
#[derive(Debug)]
pub(crate) struct FileRead {
    /// Its path as messages print it.
    pub(crate) name: String,
    /// The folder that its own paths start from.
    pub(crate) folder: PathBuf,
    /// What tells it from other files.
    pub(crate) identity: PathBuf,
    /// What it holds, unpacked.
    pub(crate) bytes: Vec<u8>,
}

impl Files {
    /// Lets files be read below a folder and the folders allowed besides.
    pub(crate) fn on_disk<'a>(folders: impl IntoIterator<Item = &'a Path>) -> Self {
        Self::Disk(folders.into_iter().filter_map(|folder| folder.canonicalize().ok()).collect())
    }

    /// Returns what tells a file from others, without reading it.
    pub(crate) fn identity(&self, folder: &Path, path: &str) -> Result<PathBuf, String> {
        match self {
            Self::Disk(roots) => locate(roots, folder, path),
            Self::Library(library) => locate_in(*library, folder, path),
        }
    }

    /// Reads a file named in a text of `folder`, at most `most` bytes; says what is wrong.
    pub(crate) fn read(&self, folder: &Path, path: &str, most: u64) -> Result<FileRead, String> {
        let identity = self.identity(folder, path)?;
        match self {
            Self::Disk(_) => read_file(&folder.join(path), identity, most),
            Self::Library(library) => read_library(*library, identity, most),
        }
    }
}

fn locate(roots: &[PathBuf], folder: &Path, path: &str) -> Result<PathBuf, String> {
    let identity = folder.join(path).canonicalize().map_err(|error| reason(path, &error))?;
    if roots.iter().any(|root| identity.starts_with(root)) {
        return Ok(identity);
    }
    Err(format!("`{}` lies outside the scenario's folder", shorten(path)))
}

fn locate_in(library: Library, folder: &Path, path: &str) -> Result<PathBuf, String> {
    let mut place = PathBuf::new();
    for component in folder.join(path).components() {
        match component {
            Component::Normal(part) => place.push(part),
            Component::CurDir => {}
            Component::ParentDir if place.pop() => {}
            Component::ParentDir | Component::RootDir | Component::Prefix(_) => {
                return Err(format!("`{}` lies outside the library", shorten(path)));
            }
        }
    }
    match library.get(&place.display().to_string()) {
        Some(_) => Ok(place),
        None => Err(format!("there is no file `{}`", shorten(path))),
    }
}

fn read_library(library: Library, identity: PathBuf, most: u64) -> Result<FileRead, String> {
    let name = identity.display().to_string();
    let bytes = library.get(&name).unwrap_or_default().as_bytes();
    let bytes = unpack(&name, bytes, is_packed(&identity), most)?;
    let folder = identity.parent().unwrap_or(Path::new("")).to_path_buf();
    Ok(FileRead { name, folder, identity, bytes })
}

/// Reads a file that the user named himself.
pub(crate) fn read_file(path: &Path, identity: PathBuf, most: u64) -> Result<FileRead, String> {
    let name = path.display().to_string();
    let metadata = std::fs::metadata(path).map_err(|error| reason(&name, &error))?;
    if !metadata.is_file() {
        return Err(format!("`{}` is not a file", shorten(&name)));
    }
    let file = std::fs::File::open(path).map_err(|error| reason(&name, &error))?;
    let bytes = unpack(&name, file, is_packed(path), most)?;
    let folder = path.parent().unwrap_or(Path::new("")).to_path_buf();
    Ok(FileRead { name, folder, identity, bytes })
}

fn is_packed(path: &Path) -> bool {
    path.extension().is_some_and(|extension| extension == "gz")
}

fn unpack(
    name: &str,
    from: impl std::io::Read,
    is_packed: bool,
    most: u64,
) -> Result<Vec<u8>, String> {
    let mut bytes = Vec::new();
    let result = if is_packed {
        flate2::read::MultiGzDecoder::new(from).take(most + 1).read_to_end(&mut bytes)
    } else {
        from.take(most + 1).read_to_end(&mut bytes)
    };
    result.map_err(|error| reason(name, &error))?;
    if bytes.len() as u64 > most {
        return Err(format!("`{}` is larger than {most} bytes", shorten(name)));
    }
    Ok(bytes)
}

fn reason(path: &str, error: &std::io::Error) -> String {
    let path = shorten(path);
    if error.kind() == std::io::ErrorKind::NotFound {
        return format!("there is no file `{path}`");
    }
    format!("`{path}` cannot be read: {error}")
}
