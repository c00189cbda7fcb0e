//! The checks: a file each, and one list of them.
//!
//! To add one, write its file here, its `mod`, and its line in the list. The rest follows: its variant of
//! [`Check`](crate::verdict::Check), what it says of itself, when it is asked and in which words a report tells of it.
//! This file imports nothing, so that whoever needs the list may have it.

pub(super) mod arrived;
pub(super) mod bystander;
pub(super) mod cache;
pub(super) mod carried;
pub(super) mod convergence;
pub(super) mod doubled;
pub(super) mod erased;
pub(super) mod link;
pub(super) mod missing;
pub(super) mod offered;
pub(super) mod prompt;
pub(super) mod readings;
pub(super) mod refusal;
pub(super) mod resurrected;
pub(super) mod rule;
pub(super) mod unsettled;
pub(super) mod vanished;

/// Hands the list to a macro. The order of the lines is the order in which the checks are asked: the first that applies
/// names what went wrong. The number is the place of a check in reports, whatever the order.
macro_rules! each_check {
    ($make:ident) => {
        $make! {
            /// The implementation followed two readings of one ambiguity that cannot both hold.
            Readings = 14, readings;
            /// The prompt appeared where it should not, or did not where it should.
            Prompt = 6, prompt;
            /// One item became two.
            Doubled = 4, doubled;
            /// A step was refused that should be done, done that should be refused, or refused and yet changed something.
            Refusal = 7, refusal;
            /// A change was lost that the server had not acknowledged when a computer crashed.
            Erased = 5, erased;
            /// A row of the deletion table was not followed.
            Rule = 0, rule;
            /// A computer does not show what it should.
            Cache = 11, cache;
            /// A personal option is offered that should not be, or is not that should be.
            Offered = 16, offered;
            /// Something vanished without a rule that deletes it.
            Vanished = 1, vanished;
            /// Something arrived where it never was and nothing brings it.
            Arrived = 3, arrived;
            /// Something deleted came back.
            Resurrected = 2, resurrected;
            /// A step did not bring about what it should: something to be made is not there, or something to be deleted
            /// still is.
            Missing = 10, missing;
            /// A link is there that should be cut, or cut that should be there.
            Link = 8, link;
            /// At rest the two stores do not agree on a tracked pair: a field changed to which nothing was due.
            Convergence = 12, convergence;
            /// A field did not carry across by the overwrite rule.
            Carried = 9, carried;
            /// Synchronization does not come to rest.
            Unsettled = 13, unsettled;
            /// An item changed that no step spoke of.
            Bystander = 15, bystander;
        }
    };
}
pub(crate) use each_check;
