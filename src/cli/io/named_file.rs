//! Finds the file that a path leads to.
//!
//! Links are followed step by step, also when the file does not exist yet. They end at an open
//! descriptor such as `/dev/stdout`, which is not followed further. To find a file opens and changes
//! nothing.

use std::ffi::OsString;
use std::fs::{self, File};
use std::io;
use std::os::fd::AsFd;
use std::os::unix::fs::{FileTypeExt, MetadataExt};
use std::path::{Path, PathBuf};

use rustix::fs::FileType;

/// The number of links that Linux follows in one path.
const MAX_LINKS: usize = 40;

/// The file that a path leads to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum NamedFile {
    /// A descriptor of this process: `/dev/stdout`, `/dev/fd/3`.
    Descriptor(Descriptor),
    /// A FIFO, a device or a socket, which is written to and never replaced.
    Stream(PathBuf),
    /// A regular file, or a path where no file exists yet. The path is not a link.
    Regular(PathBuf),
}

/// A descriptor of this process, by its number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Descriptor(u32);

impl NamedFile {
    /// Follows the links of a path.
    ///
    /// # Errors
    /// When it is a folder, a loop of links, or cannot be examined.
    pub(crate) fn find(path: &Path) -> io::Result<Self> {
        let mut path = path.to_owned();
        for _ in 0..=MAX_LINKS {
            if let Some(descriptor) = Descriptor::named(&path) {
                return Ok(Self::Descriptor(descriptor));
            }
            let found = match fs::symlink_metadata(&path) {
                Ok(found) => found,
                Err(error) if error.kind() == io::ErrorKind::NotFound => {
                    return Ok(Self::Regular(path));
                }
                Err(error) => return Err(error),
            };
            if found.is_dir() {
                return Err(io::ErrorKind::IsADirectory.into());
            }
            if !found.is_symlink() {
                let is_regular = found.is_file();
                return Ok(if is_regular { Self::Regular(path) } else { Self::Stream(path) });
            }
            let next = fs::read_link(&path)?;
            path = path.parent().unwrap_or(Path::new("/")).join(next);
        }
        Err(rustix::io::Errno::LOOP.into())
    }
}

impl Descriptor {
    pub(crate) const STANDARD_INPUT: Self = Self(0);
    pub(crate) const STANDARD_OUTPUT: Self = Self(1);
    pub(crate) const STANDARD_ERROR: Self = Self(2);

    /// The descriptor that a path names.
    fn named(path: &Path) -> Option<Self> {
        let number = path.file_name()?.to_str()?.parse().ok()?;
        let folder = path.parent()?.canonicalize().ok()?;
        let own = Path::new("/dev/fd").canonicalize().ok()?;
        (folder == own).then_some(Self(number))
    }

    /// Opens the descriptor for writing, without overwriting the output of other programs to the same
    /// file: a standard stream continues at the position that it shares with them, and any other
    /// descriptor at the end of the file.
    ///
    /// # Errors
    /// When there is no such descriptor, or it cannot be written to.
    pub(crate) fn open(self) -> io::Result<File> {
        let stream = match self {
            Self::STANDARD_OUTPUT => io::stdout().as_fd().try_clone_to_owned(),
            Self::STANDARD_ERROR => io::stderr().as_fd().try_clone_to_owned(),
            _ => return File::options().append(true).open(self.path()),
        };
        Ok(stream?.into())
    }

    fn path(self) -> PathBuf {
        format!("/dev/fd/{}", self.0).into()
    }
}

/// The identity of a file, independent of its names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum FileIdentity {
    /// A file that exists: its device and inode.
    Inode(u64, u64),
    /// A file that does not exist yet: device and inode of its folder, and its name.
    Name(u64, u64, OsString),
}

impl FileIdentity {
    /// The identity of the regular file or FIFO that a path leads to; `None` for anything else,
    /// such as a terminal or `/dev/null`, and when it cannot be examined.
    pub(crate) fn of(path: &Path) -> Option<Self> {
        match fs::metadata(path) {
            Ok(found) if found.is_file() || found.file_type().is_fifo() => {
                Some(Self::Inode(found.dev(), found.ino()))
            }
            Err(error) if error.kind() == io::ErrorKind::NotFound => Self::of_missing(path),
            _ => None,
        }
    }

    /// The identity of the regular file that a standard stream leads to.
    pub(crate) fn of_stream(stream: impl AsFd) -> Option<Self> {
        let found = rustix::fs::fstat(stream).ok()?;
        let is_file = FileType::from_raw_mode(found.st_mode) == FileType::RegularFile;
        is_file.then_some(Self::Inode(found.st_dev, found.st_ino))
    }

    fn of_missing(path: &Path) -> Option<Self> {
        let NamedFile::Regular(path) = NamedFile::find(path).ok()? else { return None };
        let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
        let folder = fs::metadata(folder.unwrap_or(Path::new("."))).ok()?;
        Some(Self::Name(folder.dev(), folder.ino(), path.file_name()?.to_owned()))
    }
}
