//! Partitions that go through the steps of a batch together, one query or insert a step.

use std::time::Duration;

use cashless_domain::Timestamp;
use cashless_rollup::{Entry, EntryBody, Partition};
use cashless_wire::DeadLetter;

use crate::steps::{Requests, Step, World};
use crate::worker::{Error, now};

/// A partition that is worked on, and what waits for its next batch.
pub(crate) struct Member {
    pub(crate) generation: u32,
    pub(crate) partition: Partition,
    pub(crate) queue: Vec<Entry>,
    pub(crate) dead_letters: Vec<DeadLetter>,
    /// Why it halts behind what is queued.
    pub(crate) halts: Option<String>,
    /// Stored, but the group refused the commit: amid a rebalance, which may well leave the partition here.
    pub(crate) uncommitted: bool,
}

impl Member {
    pub(crate) fn is_still_ours(&self, world: &World) -> bool {
        world.log.owns(self.partition.id(), self.generation)
    }
}

/// Partitions that have to halt, and why.
pub(crate) type Broken = Vec<(u16, String)>;

/// The members that share their steps.
#[derive(Default)]
pub(crate) struct Lane<'m> {
    members: Vec<&'m mut Member>,
    records: usize,
}

impl<'m> Lane<'m> {
    /// Divides the queued records among two lanes, about equally. Few records stay together, since every insert has a
    /// price of its own.
    pub(crate) fn divide(
        members: impl Iterator<Item = &'m mut Member>,
        records: usize,
        few: usize,
    ) -> [Self; 2] {
        let share = if records < few { records } else { records / 2 };
        let (mut first, mut second) = (Self::default(), Self::default());
        for member in members {
            let lane = if first.records < share { &mut first } else { &mut second };
            lane.records += member.queue.len();
            lane.members.push(member);
        }
        [first, second]
    }

    /// Takes what is queued through all steps.
    pub(crate) async fn run(mut self, world: &World) -> Result<Broken, Error> {
        let (mut pending, mut received_at, mut broken) = (Requests::new(), Vec::new(), Broken::new());
        for member in &mut self.members {
            let batch = std::mem::take(&mut member.queue);
            if batch.is_empty() {
                continue;
            }
            received_at.extend(batch.iter().filter_map(|entry| match &entry.body {
                EntryBody::Payment(event) => Some(event.received_at),
                EntryBody::Undecodable => None,
            }));
            match member.partition.read(batch) {
                Ok(()) => pending.push((member.partition.id(), member.partition.take_request())),
                Err(error) => broken.push((member.partition.id(), error.to_string())),
            }
        }
        while let Some(step) = pending.iter().filter_map(|(_, request)| Step::of(request)).min() {
            pending.retain(|(id, _)| self.member(*id).is_some_and(|member| member.is_still_ours(world)));
            let (at_it, later): (Requests, Requests) =
                pending.into_iter().partition(|(_, request)| Step::of(request) == Some(step));
            pending = later;
            if at_it.is_empty() {
                continue;
            }
            let asked: Vec<u16> = at_it.iter().map(|(id, _)| *id).collect();
            let answers = world.perform(step, at_it).await?;
            if step == Step::StoreCells {
                observe_queryable(world, &received_at);
            }
            if step == Step::Commit {
                for id in asked {
                    let is_answered = answers.iter().any(|(answered, _)| *answered == id);
                    self.member(id).into_iter().for_each(|member| member.uncommitted = !is_answered);
                }
            }
            for (id, answer) in answers {
                let Some(member) = self.member(id) else { continue };
                match member.partition.answer(answer) {
                    Ok(()) => pending.push((id, member.partition.take_request())),
                    Err(error) => broken.push((id, error.to_string())),
                }
            }
        }
        Ok(broken)
    }

    fn member(&mut self, id: u16) -> Option<&mut Member> {
        self.members.iter_mut().find(|member| member.partition.id() == id).map(|member| &mut **member)
    }
}

fn observe_queryable(world: &World, received_at: &[Timestamp]) {
    let now = now().as_micros();
    // Collected here and handed over as a whole when dropped.
    let ages = world.metrics.time_to_queryable_seconds.local();
    for received_at in received_at {
        let micros = now.saturating_sub(received_at.as_micros()).max(0);
        ages.observe(Duration::from_micros(micros.unsigned_abs()).as_secs_f64());
    }
}
