//! What the shop answered without an event, noted on this machine.
//!
//! The log holds what became an event. That a message was rejected, or changed nothing, only the run knows that was
//! answered. A later run that did not know it would send the message again, and the shop might accept it now because of
//! what others have stored since; nor would it see that the message was changed.
//!
//! One line for each: partition, number, fingerprint of the content, and the rejection's code or `-`. Lines that are no
//! such thing, as a run that is killed can leave one, are passed over.

use std::{
    collections::HashMap,
    fs::{self, File},
    io::{self, BufRead as _, BufReader, Write as _},
    path::Path,
};

use super::{SourceId, SourcePosition, Verdict, content::Fingerprint, run::Reason};
use crate::output_file;

/// The notes of all runs of a source against one log.
#[derive(Debug, Default)]
pub(crate) struct Notes {
    known: HashMap<SourcePosition, Note>,
    /// None where nothing is to be noted.
    file: Option<File>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Note {
    pub(super) content: Fingerprint,
    /// The code of the rejection; none of a message that changed nothing.
    pub(super) rejected: Option<String>,
}

const UNCHANGED: &str = "-";

impl Notes {
    /// Opens the notes of a source in this folder, which is made when it is missing.
    pub(crate) fn open(folder: &Path, log: &str, source: &SourceId) -> io::Result<Self> {
        fs::create_dir_all(folder)?;
        let path = folder.join(format!("{log}-{}", source.digest()));
        let mut known = HashMap::new();
        match File::open(&path) {
            Ok(file) => {
                for line in BufReader::new(file).split(b'\n') {
                    let line = String::from_utf8(line?).unwrap_or_default();
                    known.extend(read(&line));
                }
            }
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(error) => return Err(error),
        }
        let mut file = output_file::append(&path)?;
        // A run that was killed may have left half a line.
        file.write_all(b"\n")?;
        Ok(Self { known, file: Some(file) })
    }

    pub(super) fn is_empty(&self) -> bool {
        self.known.is_empty()
    }

    pub(super) fn get(&self, mark: SourcePosition) -> Option<&Note> {
        self.known.get(&mark)
    }

    /// Notes what became of a message, unless its event tells it. Not buffered: a run that is killed has noted what it
    /// reported.
    pub(super) fn add(
        &mut self,
        mark: SourcePosition,
        content: Fingerprint,
        verdict: &Verdict,
    ) -> io::Result<()> {
        let code = match verdict {
            Verdict::Unchanged => UNCHANGED,
            Verdict::Rejected(reason) => &reason.code,
            Verdict::Stored | Verdict::AlreadyThere | Verdict::Doubtful => return Ok(()),
        };
        let Some(file) = &mut self.file else { return Ok(()) };
        let SourcePosition { partition, number } = mark;
        file.write_all(format!("{partition} {number} {content} {code}\n").as_bytes())
    }
}

impl Note {
    /// In words.
    pub(super) fn told(&self) -> String {
        match &self.rejected {
            None => "an earlier run found that it changed nothing".into(),
            Some(code) => format!("an earlier run was refused it ({code})"),
        }
    }

    /// What is reported of a message that was answered so before.
    pub(super) fn verdict(&self) -> Verdict {
        match &self.rejected {
            None => Verdict::Unchanged,
            Some(code) => Verdict::Rejected(Reason {
                code: code.clone(),
                message: "an earlier run of this import was refused it".into(),
            }),
        }
    }
}

fn read(line: &str) -> Option<(SourcePosition, Note)> {
    let mut words = line.split(' ');
    let partition = words.next()?.parse().ok()?;
    let number = words.next()?.parse().ok()?;
    let content = words.next()?.parse().ok()?;
    let code = words.next().filter(|code| !code.is_empty())?;
    let rejected = (code != UNCHANGED).then(|| code.to_owned());
    let is_whole = words.next().is_none();
    is_whole.then_some((SourcePosition { partition, number }, Note { content, rejected }))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(number: u64) -> SourcePosition {
        SourcePosition { partition: 0, number }
    }

    fn rejected(code: &str) -> Verdict {
        Verdict::Rejected(Reason { code: code.into(), message: "no".into() })
    }

    #[test]
    fn what_is_noted_is_known_to_the_next_run_of_the_same_source_and_log() {
        let folder = tempfile::tempdir().unwrap();
        let source = |name| SourceId::of_lines("test", name);
        let open = |log, name| Notes::open(&folder.path().join("new"), log, &source(name)).unwrap();
        let mut notes = open("7f", "orders");
        let content = Fingerprint::of_bytes(b"x");
        notes.add(line(1), content, &rejected("CUSTOMER_NOT_FOUND")).unwrap();
        notes.add(line(2), content, &Verdict::Unchanged).unwrap();
        notes.add(line(3), content, &Verdict::Stored).unwrap();
        drop(notes);

        let again = open("7f", "orders");
        let code = Some("CUSTOMER_NOT_FOUND".to_owned());
        assert_eq!(again.get(line(1)), Some(&Note { content, rejected: code }));
        assert_eq!(again.get(line(2)), Some(&Note { content, rejected: None }));
        assert_eq!(again.get(line(3)), None, "the log has it");
        assert!(open("7f", "other").is_empty() && open("80", "orders").is_empty());
    }

    #[test]
    fn half_a_line_hides_no_other_one() {
        let folder = tempfile::tempdir().unwrap();
        let source = SourceId::of_lines("test", "orders");
        let open = || Notes::open(folder.path(), "7f", &source).unwrap();
        let content = Fingerprint::of_bytes(b"x");
        let mut notes = open();
        notes.add(line(1), content, &Verdict::Unchanged).unwrap();
        notes.file.as_mut().unwrap().write_all(b"0 2 00ff").unwrap();
        let mut notes = open();
        notes.add(line(3), content, &Verdict::Unchanged).unwrap();
        let notes = open();
        assert!(notes.get(line(1)).is_some() && notes.get(line(3)).is_some());
        assert_eq!(notes.get(line(2)), None);
    }
}
