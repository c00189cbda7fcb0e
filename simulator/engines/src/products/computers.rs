//! Several computers of one user.

use tombstone_model::plan::{Connection, Op, Place};

use crate::office::Office;

use super::row::products;

products! {
    "last-to-connect-synchronizes" client
        "the computer that connected last makes itself the synchronizing one"
        "page: Warning message when multiple Outlook clients are set to synchronize with CRM (roman20007)"
        [Carried, Missing, Rule, Resurrected, Arrived, Link] {
            arrives: |office, id| {
                let user = office.computers[id.index()].user;
                office.synchronizing[user.index()] = Some(id);
            }
        };
    "crash-hands-over" client
        "when the synchronizing computer crashes, another one synchronizes from then on"
        "no public report: a trial of this harness"
        [Carried, Missing, Rule, Resurrected, Arrived, Link, Erased] {
            acted: |office, step| {
                if let (Op::Synchronize { crash: Some(_) }, Place::Computer(id)) = (step.op, step.at) {
                    let up = |it: &crate::office::OfficeComputer| {
                        it.user == step.by && it.connection == Connection::Connected
                    };
                    if office.synchronizing[step.by.index()] == Some(id)
                        && let Some((_, other)) = office.computers.iter().zip(0..).find(|(it, _)| up(it))
                    {
                        office.synchronizing[step.by.index()] = Some(tombstone_model::ids::ComputerId(other));
                    }
                }
            }
        };
    "new-choice-starts-from-now" client
        "a newly chosen computer skips what happened before"
        "GothenburgBitFactory/taskwarrior issue 4133"
        [Carried, Missing, Rule, Link] {
            acted: |office, step| {
                if step.op == Op::ChooseSynchronizingComputer {
                    office.noted.set(1 + u64::from(step.by.0));
                }
            },
            before: |pass| {
                if pass.office.noted.get() == 1 + u64::from(pass.user.0) {
                    pass.office.noted.set(0);
                    pass.memory.skip(pass.office, pass.user);
                }
            }
        };
    "old-copy-overwrites" both
        "a computer that connects writes its old copies over what changed meanwhile"
        "silent-suite/silentsuite issue 743"
        [Carried, Cache] {
            arrives: |office, id| {
                let Office { computers, mailboxes, .. } = office;
                for (mailbox, cache) in &computers[id.index()].caches {
                    let mailbox = &mut mailboxes[mailbox.index()];
                    for (&id, old) in &cache.mailbox.entries {
                        if mailbox.entries.get(&id).is_some_and(|entry| entry.fields != old.fields) {
                            mailbox.update(id, |entry| entry.fields = old.fields);
                        }
                    }
                }
            }
        };
    "second-computer-is-not-asked" both
        "whoever untracks something at another than the synchronizing computer is not asked"
        "no public report: a trial of this harness"
        [Prompt] {
            acts: |office, step| {
                let own = office.synchronizing[step.by.index()].map(Place::Computer);
                let second = matches!(step.op, Op::Untrack { .. }) && own.is_some_and(|own| own != step.at);
                office.noted.set(u64::from(second));
                Some(step)
            },
            asks: |it, asks| asks && it.office.noted.get() == 0
        };
}
