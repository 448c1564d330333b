//! Checks that a run does not use one file for two purposes.

use std::path::{Path, PathBuf};

use omnilogs::query::{Filter, Form};

use super::OutputSettings;
use crate::args::{ConnectionArgs, FilterArgs, OriginArgs};
use crate::credentials::ResolvedAccount;
use crate::failure::Failure;
use crate::io::environment::Environment;
use crate::io::file_uses::FileUses;
use crate::io::resume_files::ResumeFiles;
use crate::io::state_file::StateFile;

/// The options and settings of a run that can name a file.
pub(crate) struct RunFiles<'a> {
    pub(crate) account: &'a ResolvedAccount,
    pub(crate) connection: &'a ConnectionArgs,
    pub(crate) origin: &'a OriginArgs,
    pub(crate) environment: &'a Environment,
    /// The files of the archive that is read, with their purposes.
    pub(crate) archive: Vec<(&'static str, PathBuf)>,
    /// Among them are ids, which may be `@FILE`.
    pub(crate) filters: &'a FilterArgs,
    pub(crate) output_settings: &'a OutputSettings,
    /// `stats --plot`.
    pub(crate) plot: Option<&'a Path>,
    /// `follow --state`.
    pub(crate) state: Option<&'a Path>,
}

impl RunFiles<'_> {
    /// Refuses one file for two purposes, before anything is read.
    ///
    /// # Errors
    /// When two of the names are the same file, whatever links lead to it.
    pub(crate) fn check(&self) -> Result<(), Failure> {
        let Self {
            account,
            connection,
            origin,
            environment,
            archive,
            filters,
            output_settings,
            plot,
            state,
        } = self;
        let mut files = FileUses::default();
        files.reads("--input", origin.input.as_deref());
        for (name, path) in archive {
            files.reads(name, Some(path));
        }
        if let Some((origin, path)) = account.key_file() {
            files.reads(&origin.to_string(), Some(path));
        }
        files.reads("the configuration", account.chosen.path.as_deref());
        files.reads("--cacert", connection.cacert.as_deref());
        files.reads("SSL_CERT_FILE", environment.path("SSL_CERT_FILE").as_deref());
        let is_ids = |flag| Filter::of_flag(flag).is_some_and(|filter| filter.form == Form::Ids);
        for (flag, words) in filters.words().into_iter().filter(|(flag, _)| is_ids(flag)) {
            for name in words.iter().filter_map(|word| word.strip_prefix('@')) {
                files.reads(flag, Some(Path::new(name)));
            }
        }
        let output = output_settings.output_file.as_deref();
        match output {
            Some(path) => files.writes("--output-file", Some(path)),
            None => files.writes_standard_output(),
        }
        if let (true, Some(path)) = (output_settings.resume, output) {
            for path in ResumeFiles::beside(path).others() {
                files.writes("a file of --resume", Some(path));
            }
        }
        files.writes("--manifest", output_settings.manifest.as_deref());
        files.writes("--plot", *plot);
        files.writes("--state", *state);
        files.writes("a file of --state", state.map(StateFile::next).as_deref());
        files.writes_standard_error();
        files.check()
    }
}
