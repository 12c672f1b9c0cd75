//! How much of what is posted may wait.

use std::sync::Arc;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// Room is given by so many bytes.
const BLOCK: usize = 64 * 1024;

/// A bounded room.
#[derive(Clone, Debug)]
pub struct Room {
    free: Arc<Semaphore>,
    blocks: usize,
}

impl Room {
    pub(super) fn new(bytes: usize) -> Self {
        let blocks = bytes / BLOCK;
        Self {
            free: Arc::new(Semaphore::new(blocks)),
            blocks,
        }
    }

    /// Room for nothing yet.
    pub fn begin(&self) -> Taken {
        Taken {
            room: self.clone(),
            permit: None,
        }
    }

    /// Bytes that are taken.
    pub fn taken(&self) -> usize {
        (self.blocks - self.free.available_permits()) * BLOCK
    }
}

/// Part of a room, given back when it is dropped.
#[derive(Debug)]
pub struct Taken {
    room: Room,
    permit: Option<OwnedSemaphorePermit>,
}

impl Taken {
    /// Takes room for so many bytes in all; `false` where there is not so much.
    #[must_use]
    pub fn grow_to(&mut self, bytes: usize) -> bool {
        let has = self
            .permit
            .as_ref()
            .map_or(0, OwnedSemaphorePermit::num_permits);
        let lacks = bytes.div_ceil(BLOCK).saturating_sub(has);
        let Ok(lacks @ 1..) = u32::try_from(lacks) else {
            return lacks == 0;
        };
        let Ok(more) = Arc::clone(&self.room.free).try_acquire_many_owned(lacks) else {
            return false;
        };
        match &mut self.permit {
            Some(permit) => permit.merge(more),
            none => *none = Some(more),
        }
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_more_is_given_than_there_is() {
        let room = Room::new(4 * BLOCK);
        let (mut one, mut other) = (room.begin(), room.begin());
        assert!(one.grow_to(1) && one.grow_to(BLOCK) && one.grow_to(3 * BLOCK));
        assert_eq!(room.taken(), 3 * BLOCK);
        assert!(!other.grow_to(BLOCK + 1));
        assert!(other.grow_to(BLOCK), "what is refused takes nothing");
        drop(one);
        assert!(other.grow_to(4 * BLOCK));
        assert!(!other.grow_to(usize::MAX));
        drop(other);
        assert_eq!(room.taken(), 0);
    }
}
