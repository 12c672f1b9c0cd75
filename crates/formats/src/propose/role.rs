//! What a column can be.

/// Where the values of a column go.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Role {
    Job,
    RunId,
    Parent,
    Root,
    Environment,
    Context,
    Host,
    Project,
    JobId,
    JobVersion,
    Step,
    Attempt,
    MapIndex,
    /// When what the record tells happened.
    Moment,
    /// When the run or step of the record began.
    Begin,
    /// When it ended.
    End,
    Event,
    Status,
    Duration,
    Label,
    Count,
    RowsIn,
    RowsOut,
    RowsRejected,
    Message,
    Severity,
    ErrorType,
    ErrorCode,
    Stack,
    /// Something that looks like one of the others and is none.
    Ignored,
}

impl Role {
    pub const ALL: &'static [Self] = &[
        Self::Job,
        Self::RunId,
        Self::Parent,
        Self::Root,
        Self::Environment,
        Self::Context,
        Self::Host,
        Self::Project,
        Self::JobId,
        Self::JobVersion,
        Self::Step,
        Self::Attempt,
        Self::MapIndex,
        Self::Moment,
        Self::Begin,
        Self::End,
        Self::Event,
        Self::Status,
        Self::Duration,
        Self::Label,
        Self::Count,
        Self::RowsIn,
        Self::RowsOut,
        Self::RowsRejected,
        Self::Message,
        Self::Severity,
        Self::ErrorType,
        Self::ErrorCode,
        Self::Stack,
        Self::Ignored,
    ];

    /// Whether its values are kept word for word, so that a password in them would be shown.
    pub const fn is_stored_as_it_is(self) -> bool {
        matches!(
            self,
            Self::Environment
                | Self::Context
                | Self::Host
                | Self::Project
                | Self::JobId
                | Self::JobVersion
                | Self::Step
                | Self::Label
        )
    }

    /// The key of a mapping; for begin and end what they are the moment of.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Job => "job",
            Self::RunId => "run_id",
            Self::Parent => "parent_run_id",
            Self::Root => "root_run_id",
            Self::Environment => "environment",
            Self::Context => "context",
            Self::Host => "host",
            Self::Project => "project",
            Self::JobId => "job_id",
            Self::JobVersion => "job_version",
            Self::Step => "step",
            Self::Attempt => "attempt",
            Self::MapIndex => "map_index",
            Self::Moment => "moment",
            Self::Begin => "begin",
            Self::End => "end",
            Self::Event => "event",
            Self::Status => "status",
            Self::Duration => "duration",
            Self::Label => "label",
            Self::Count => "count",
            Self::RowsIn => "rows_in",
            Self::RowsOut => "rows_out",
            Self::RowsRejected => "rows_rejected",
            Self::Message => "message",
            Self::Severity => "severity",
            Self::ErrorType => "error_type",
            Self::ErrorCode => "error_code",
            Self::Stack => "stack",
            Self::Ignored => "",
        }
    }
}
