//! Closed vocabularies. Stored as text; the words never change meaning.

/// Declares an enum whose variants have one stable word each.
macro_rules! vocabulary {
    ($(#[$meta:meta])* $name:ident { $($(#[$vmeta:meta])* $variant:ident = $word:literal),+ $(,)? }) => {
        $(#[$meta])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[repr(u8)]
        pub enum $name { $($(#[$vmeta])* $variant),+ }

        impl $name {
            /// Every member, in order of declaration.
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];

            /// The word that is stored and shown.
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $word),+ }
            }

            /// The member with this word.
            pub fn parse(word: &str) -> Option<Self> {
                match word { $($word => Some(Self::$variant),)+ _ => None }
            }

            /// The member at this place of `ALL`: the way back from `as u8`.
            pub fn from_index(index: u8) -> Option<Self> {
                Self::ALL.get(usize::from(index)).copied()
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(self.as_str())
            }
        }

        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
                s.serialize_str(self.as_str())
            }
        }

        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
                let word = <std::borrow::Cow<'de, str>>::deserialize(d)?;
                Self::parse(&word).ok_or_else(|| {
                    serde::de::Error::unknown_variant(&word, &[$($word),+])
                })
            }
        }
    };
}

vocabulary!(
    /// What a row of `log` tells.
    Event { Begin = "begin", End = "end", Metric = "metric" }
);

vocabulary!(
    /// The state a tool reports for a run or a step, in our words.
    RowStatus {
        Running = "running",
        Success = "success",
        Failed = "failed",
        Skipped = "skipped",
        Cancelled = "cancelled",
        UpstreamFailed = "upstream_failed",
        Retrying = "retrying",
        Unknown = "unknown",
    }
);

vocabulary!(
    /// Why a record could not become a row. The word is stable: it is stored, counted and documented.
    RejectReason {
        /// More or fewer fields than the header or the schema has.
        FieldCount = "field_count",
        /// A quote was opened and not closed, or stands where none may.
        Quote = "quote",
        /// A line that is no JSON object, or a message that is no JSON.
        Json = "json",
        /// Bytes that are no text in the encoding of the source.
        Encoding = "encoding",
        /// A value that the row cannot do without is missing.
        MissingValue = "missing_value",
        /// A time that cannot be read.
        BadTime = "bad_time",
        /// A time outside 1990 to 2100.
        TimeOutOfRange = "time_out_of_range",
        /// A number that cannot be read.
        BadNumber = "bad_number",
        /// A word that the vocabulary of this column does not know.
        UnknownWord = "unknown_word",
        /// A record longer than the limit.
        TooLong = "too_long",
        /// A value that PostgreSQL cannot store, such as a NUL byte.
        BadValue = "bad_value",
        /// A message that is not as its schema says.
        Schema = "schema",
        /// A message of a version of the schema that this program does not read.
        SchemaVersion = "schema_version",
    }
);

vocabulary!(
    /// How bad a row of `logerreur` is. A warning is not an error.
    Severity { Fatal = "fatal", Error = "error", Warning = "warning" }
);

vocabulary!(
    /// What kind of cause an error has.
    Category {
        Connection = "connection",
        Timeout = "timeout",
        Authentication = "authentication",
        Permission = "permission",
        MissingFile = "missing_file",
        MissingObject = "missing_object",
        Constraint = "constraint",
        DataFormat = "data_format",
        DataQuality = "data_quality",
        SchemaChange = "schema_change",
        Resource = "resource",
        Lock = "lock",
        Configuration = "configuration",
        Dependency = "dependency",
        Code = "code",
        ExternalApi = "external_api",
        Cancelled = "cancelled",
        Unknown = "unknown",
    }
);

vocabulary!(
    /// Who must act.
    Blame { Data = "data", Platform = "platform", External = "external", Code = "code" }
);

vocabulary!(
    /// The state of a run.
    RunStatus {
        Success = "success",
        Failed = "failed",
        Running = "running",
        Lost = "lost",
        Cancelled = "cancelled",
        Skipped = "skipped",
        Unverified = "unverified",
    }
);

vocabulary!(
    /// The state of a run, refined by what it reported on the way.
    Outcome {
        Success = "success",
        Failed = "failed",
        Running = "running",
        Lost = "lost",
        Cancelled = "cancelled",
        Skipped = "skipped",
        Unverified = "unverified",
        SuccessWithErrors = "success_with_errors",
        SuccessWithWarnings = "success_with_warnings",
    }
);

vocabulary!(
    /// Why a root run started.
    Trigger {
        Scheduled = "scheduled",
        Rerun = "rerun",
        Manual = "manual",
        Reprocess = "reprocess",
        Unknown = "unknown",
    }
);

vocabulary!(
    /// Which rows a run was built from.
    Evidence {
        Full = "full",
        NoEnd = "no_end",
        NoBegin = "no_begin",
        ErrorsOnly = "errors_only",
        StepsOnly = "steps_only",
    }
);

vocabulary!(
    /// How a business day came out for a root job.
    Verdict {
        Ok = "ok",
        Recovered = "recovered",
        Failed = "failed",
        Lost = "lost",
        Running = "running",
        Unverified = "unverified",
    }
);

vocabulary!(
    /// What made a failed day good again.
    RecoveredBy { Schedule = "schedule", Rerun = "rerun", Person = "person" }
);

vocabulary!(
    /// What a business day is, for habits.
    DayType {
        Working = "working",
        Saturday = "saturday",
        Sunday = "sunday",
        Holiday = "holiday",
        Closure = "closure",
        Eve = "eve",
        DayAfter = "day_after",
        MonthEnd = "month_end",
        MonthStart = "month_start",
    }
);

vocabulary!(
    /// Where an issue stands.
    IssueState {
        New = "new",
        Ongoing = "ongoing",
        Resolved = "resolved",
        Regressed = "regressed",
    }
);

vocabulary!(
    /// What resolved an issue: scheduled successes of its jobs, or a person.
    ResolvedBy { Itself = "itself", Person = "person" }
);

vocabulary!(
    /// Until when an issue is muted: a moment, some more occurrences, the next version of one of its jobs.
    MuteKind {
        Until = "until",
        Occurrences = "occurrences",
        NextVersion = "next_version",
    }
);

vocabulary!(
    /// What a person did with an issue.
    ActKind {
        Ack = "ack",
        Resolve = "resolve",
        Reopen = "reopen",
        MuteUntil = "mute_until",
        MuteOccurrences = "mute_occurrences",
        MuteNextVersion = "mute_next_version",
        Unmute = "unmute",
        Assign = "assign",
        Note = "note",
        Runbook = "runbook",
    }
);

vocabulary!(
    /// What a person may do with the service; each role may do what those before it may.
    Role { Viewer = "viewer", Operator = "operator", Admin = "admin" }
);

vocabulary!(
    /// What a token is good for: to look, to act on issues too, to manage everything; and, beside these, to post logs.
    Scope { Read = "read", Act = "act", Admin = "admin", Post = "post" }
);

vocabulary!(
    /// How somebody came who did something: from this machine without a login, logged in, by a token, by a command.
    Way { Local = "local", Session = "session", Token = "token", Command = "command" }
);
