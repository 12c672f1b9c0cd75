//! Faults that are built in on purpose, to show that the storm of the tests would find them. Only with the feature `sabotage`, which
//! no program that anybody uses has.

/// A promise that is broken where the variable `SMARTETL_SABOTAGE` names it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sabotage {
    /// The offsets of a batch are committed before its rows.
    OffsetsFirst,
    /// Offsets are set without being compared.
    NoCompare,
    /// Records that were stored before are stored again.
    NoHighest,
    /// The producer's checkpoint moves before the broker has taken the messages.
    NoAcknowledgement,
}

impl Sabotage {
    pub const ALL: &'static [(Self, &'static str)] = &[
        (Self::OffsetsFirst, "offsets_first"),
        (Self::NoCompare, "no_compare"),
        (Self::NoHighest, "no_highest"),
        (Self::NoAcknowledgement, "no_acknowledgement"),
    ];

    /// Whether it is to be done. Never, unless it was built in.
    pub fn is_on(self) -> bool {
        cfg!(feature = "sabotage")
            && std::env::var("SMARTETL_SABOTAGE")
                .is_ok_and(|wanted| Self::ALL.contains(&(self, wanted.as_str())))
    }
}
