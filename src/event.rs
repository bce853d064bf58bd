//! The events of a run, in their order, and the limits that tests lower.

use model::sql::Section;

/// Something that happens on the way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Event {
    /// A table is about to be created.
    Create,
    /// A key, an index, a trigger or rows of an existing table are about to be taken away.
    Suspend,
    /// A table's copying begins.
    Table,
    /// A buffer of rows is about to be sent; no SQL can run here.
    Copy,
    /// A key or an index is about to be built.
    Index,
    /// A foreign key is about to be built.
    ForeignKey,
    /// A trigger is about to be switched on again.
    Restore,
    /// A sequence is about to be restarted.
    Sequence,
    /// A table of the target is about to be read again.
    Verify,
    /// The transaction is about to be committed.
    BeforeCommit,
    /// Nothing stops the run any more: COMMIT is the next thing that is sent.
    CommitSent,
    /// The transaction is committed.
    AfterCommit,
}

/// A limit that a test lowers, so that it can be reached: a line `limit NAME N` of `MIGRATE_TEST`.
pub fn test_limit(name: &str) -> Option<u64> {
    test_line_rest(&format!("limit {name}"))?.parse().ok()
}

/// The rest of a line of `MIGRATE_TEST` that begins with `name`.
pub fn test_line_rest(name: &str) -> Option<String> {
    if !cfg!(debug_assertions) {
        return None;
    }
    let text = std::env::var("MIGRATE_TEST").unwrap_or_default();
    let line = text.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(' '));
    line.map(|rest| rest.trim().to_owned())
}

impl From<Section> for Event {
    fn from(section: Section) -> Event {
        match section {
            Section::Drop | Section::Types | Section::Sequences | Section::Tables => Event::Create,
            Section::Suspend => Event::Suspend,
            Section::Indexes => Event::Index,
            Section::ForeignKeys => Event::ForeignKey,
            Section::Triggers => Event::Restore,
        }
    }
}
