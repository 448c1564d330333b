//! Refuses to use one file for two purposes. A run that writes a file that it also reads, or writes
//! one file twice, destroys data; two readers of one pipe each get a part of it.
//!
//! Files are compared by identity and not by name, so that links, `./` and hard links make no
//! difference, also for a file that does not exist yet. Nothing is opened.

use std::io;
use std::os::fd::AsFd;
use std::path::Path;

use crate::failure::Failure;
use crate::io::named_file::{Descriptor, FileIdentity, NamedFile};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum UseKind {
    Reads,
    Writes,
}

/// A file and its use.
#[derive(Debug)]
struct FileUse {
    /// The flag that names it, or its purpose.
    name: String,
    access: UseKind,
    /// `None` where it cannot conflict with another use.
    identity: Option<FileIdentity>,
    is_standard_input: bool,
    /// Whether it is a pipe, of which each reader gets a part.
    is_pipe: bool,
    /// Whether it is standard output, standard error or another open descriptor. Two of them may be the
    /// same file, as after `2>&1`.
    is_descriptor: bool,
}

/// The files that a run will read and write.
#[derive(Debug, Default)]
pub(crate) struct FileUses {
    uses: Vec<FileUse>,
}

impl FileUses {
    /// Adds a file that is read, if there is one; `-` is standard input.
    pub(crate) fn reads(&mut self, name: &str, path: Option<&Path>) {
        let Some(path) = path else { return };
        let named = NamedFile::find(path);
        let descriptor = NamedFile::Descriptor(Descriptor::STANDARD_INPUT);
        let is_standard_input =
            path == Path::new("-") || named.as_ref().is_ok_and(|named| *named == descriptor);
        let identity = if is_standard_input {
            FileIdentity::of_stream(io::stdin().as_fd())
        } else {
            FileIdentity::of(path)
        };
        self.uses.push(FileUse {
            name: name.to_owned(),
            access: UseKind::Reads,
            identity,
            is_standard_input,
            is_pipe: matches!(named, Ok(NamedFile::Stream(_))),
            is_descriptor: false,
        });
    }

    /// Adds a file that is written, if there is one.
    pub(crate) fn writes(&mut self, name: &str, path: Option<&Path>) {
        if let Some(path) = path {
            let is_descriptor = matches!(NamedFile::find(path), Ok(NamedFile::Descriptor(_)));
            self.add_written(name, FileIdentity::of(path), is_descriptor);
        }
    }

    /// Adds standard output, for rows or a summary.
    pub(crate) fn writes_standard_output(&mut self) {
        self.add_written("standard output", FileIdentity::of_stream(io::stdout().as_fd()), true);
    }

    /// Adds standard error, for messages.
    pub(crate) fn writes_standard_error(&mut self) {
        self.add_written("standard error", FileIdentity::of_stream(io::stderr().as_fd()), true);
    }

    fn add_written(&mut self, name: &str, identity: Option<FileIdentity>, is_descriptor: bool) {
        self.uses.push(FileUse {
            name: name.to_owned(),
            access: UseKind::Writes,
            identity,
            is_standard_input: false,
            is_pipe: false,
            is_descriptor,
        });
    }

    /// Refuses the run when two uses of the same file exclude each other.
    ///
    /// # Errors
    /// When they do.
    pub(crate) fn check(&self) -> Result<(), Failure> {
        for (at, one) in self.uses.iter().enumerate() {
            for other in self.uses.iter().skip(at + 1) {
                if let Some(failure) = conflict(one, other) {
                    return Err(failure);
                }
            }
        }
        Ok(())
    }
}

/// Why two uses exclude each other; `None` when they do not.
fn conflict(one: &FileUse, other: &FileUse) -> Option<Failure> {
    if one.is_standard_input && other.is_standard_input {
        let what = format!("standard input can be read once: {}", both(one, other));
        return Some(Failure::usage(what).hint("put one of them into a file"));
    }
    let descriptors = one.is_descriptor && other.is_descriptor;
    if descriptors || one.identity.is_none() || one.identity != other.identity {
        return None;
    }
    match (one.access, other.access) {
        (UseKind::Reads, UseKind::Reads) if one.is_pipe => Some(
            Failure::usage(format!("a pipe can be read once: {}", both(one, other)))
                .hint("put one of them into a file"),
        ),
        (UseKind::Reads, UseKind::Reads) => None,
        (UseKind::Writes, UseKind::Writes) => Some(
            Failure::usage(format!("one file cannot be written twice: {}", both(one, other)))
                .hint("name two different files"),
        ),
        _ => {
            let (input, output) =
                if one.access == UseKind::Reads { (one, other) } else { (other, one) };
            let what = format!("the input file is the output file: {}", both(input, output));
            Some(Failure::usage(what).hint("write to another file, and move it afterwards"))
        }
    }
}

fn both(one: &FileUse, other: &FileUse) -> String {
    if one.name == other.name {
        format!("{} names it twice", one.name)
    } else {
        format!("{} and {} name the same file", one.name, other.name)
    }
}
