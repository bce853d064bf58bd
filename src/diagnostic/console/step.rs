//! The steps of a run that its output names, and what is counted in them.

/// What is counted in a step.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unit {
    /// Rows of tables.
    Rows,
    /// Statements: tables that are created, indexes that are built.
    Statements,
    /// Nothing.
    Nothing,
}

/// How much there is to be done in a step.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Total {
    /// Exactly so much.
    Known(u64),
    /// Not more than this: SQLite has given so many row numbers.
    AtMost(u64),
    /// Nobody has counted it.
    #[default]
    Unknown,
}

impl Total {
    /// Both together.
    #[must_use]
    pub fn plus(self, other: Total) -> Total {
        match (self, other) {
            (Total::Known(a), Total::Known(b)) => Total::Known(a.saturating_add(b)),
            (Total::Unknown, _) | (_, Total::Unknown) => Total::Unknown,
            (Total::Known(a) | Total::AtMost(a), Total::Known(b) | Total::AtMost(b)) => {
                Total::AtMost(a.saturating_add(b))
            }
        }
    }

    /// All of these together.
    pub fn of_all(totals: impl IntoIterator<Item = Total>) -> Total {
        totals.into_iter().fold(Total::Known(0), Total::plus)
    }
}

/// How much there is to be done in a step, and how much of it is done when it begins: a run has
/// some steps once for each target, and counts over all of them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Amount {
    /// All of it.
    pub total: Total,
    /// What was done before.
    pub done: u64,
}

impl From<Total> for Amount {
    fn from(total: Total) -> Amount {
        Amount { total, done: 0 }
    }
}

macro_rules! steps {
    ($($(#[doc = $doc:literal])* $step:ident = $word:literal, $text:literal, $unit:ident;)+) => {
        /// A step of a run.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum Step {
            $($(#[doc = $doc])* $step,)+
        }

        impl Step {
            /// All steps.
            #[cfg(feature = "internals")]
            pub const ALL: &[Step] = &[$(Step::$step,)+];

            /// Its word in JSON lines.
            pub fn word(self) -> &'static str {
                match self {
                    $(Step::$step => $word,)+
                }
            }

            /// What is being done, for people.
            pub fn text(self) -> &'static str {
                match self {
                    $(Step::$step => $text,)+
                }
            }

            /// What is counted in it.
            pub fn unit(self) -> Unit {
                match self {
                    $(Step::$step => Unit::$unit,)+
                }
            }
        }
    };
}

steps! {
    /// A SQLite file is opened.
    OpenSource = "open-source", "opening", Nothing;
    /// A server is connected and asked what it is.
    Connect = "connect", "connecting for", Nothing;
    /// All rows are read to join a schema.
    JoinSchema = "join-schema", "joining the schema of", Nothing;
    /// All rows are read to draft a schema.
    DraftSchema = "draft-schema", "drafting the schema of", Nothing;
    /// SQLite checks a file for damage.
    CheckIntegrity = "check-integrity", "checking the integrity of", Nothing;
    /// The rows are found that repairs touch.
    FindRepairs = "find-repairs", "finding the rows to repair", Nothing;
    /// Every row is read by the codecs.
    CheckRows = "check-rows", "checking rows", Rows;
    /// Keys and references between rows are checked.
    CheckKeys = "check-keys", "checking keys and references", Nothing;
    /// Limits and rules of PostgreSQL's tables are checked.
    CheckLimits = "check-limits", "checking limits and rules", Nothing;
    /// Existing tables are locked.
    LockTables = "lock-tables", "locking the tables of", Nothing;
    /// Tables are created, and keys and indexes of existing ones suspended.
    CreateTables = "create-tables", "creating tables", Statements;
    /// Rows are copied.
    Copy = "copy", "copying", Rows;
    /// Keys, indexes and foreign keys are built, and triggers restored.
    BuildKeys = "build-keys", "building keys and indexes", Statements;
    /// Sequences are restarted.
    RestartSequences = "restart-sequences", "restarting sequences", Nothing;
    /// The planner's statistics are gathered.
    GatherStatistics = "gather-statistics", "gathering statistics", Statements;
    /// The rows of SQLite are read once more, for verification.
    ReadSource = "read-source", "reading SQLite again", Rows;
    /// The rows of PostgreSQL are read back and compared.
    ReadTarget = "read-target", "reading back", Rows;
    /// Statements of `after_load` run.
    RunAfterLoad = "after-load", "running `after_load` of", Nothing;
    /// The transactions are committed.
    Commit = "commit", "committing", Nothing;
    /// The transactions are rolled back.
    RollBack = "roll-back", "rolling back", Nothing;
}
