//! Faulty implementations, each with exactly one thing wrong: a harness that does not convict these is worth nothing.
//!
//! ```text
//!    catalogue: rows turned round, glitches, one that never rests ─┐
//!    products: faults of real products ────────────────────────────┼─▶ Docket: suite, then plans ─▶ Conviction
//! ```
//!
//! What lives here: most of the [`catalogue`] is made from the data, every row of every table with an outcome or a condition
//! turned round, followed by the reference, and every reading followed by turns (`rows`). The others are glitches of the engines
//! ([`tombstone_engines::Glitch`]), and one that only the check for rest can see (`unshown`). The [`docket`] is what they are tried
//! with, [`trial`] holds them all to it.
//!
//! What is absent: programs. Nothing here judges one.
//!
//! ```
//! use tombstone_model::verdict::Check;
//! use tombstone_trial::catalogue;
//! use tombstone_trial::docket::Docket;
//!
//! let fault = catalogue().into_iter().find(|fault| fault.id == "outlook-client/title-not-sent").expect("it is a fault");
//! let docket = Docket::new(&tombstone_scenarios::scenarios(), 1, 0);
//! let conviction = docket.by_suite(&fault).0.expect("the suite convicts it");
//! assert!(conviction.expected && conviction.divergence.check == Check::Carried);
//! ```

mod fault;
mod rows;
mod unshown;
pub mod products;
pub mod docket;
pub mod proofs;
pub mod trial;

#[cfg(test)]
mod tests;

use std::sync::Arc;

use tombstone_engines::{Background, Glitch, Make, outlook_client, server_side};
use tombstone_model::contract::implementation::Implementation;
use tombstone_model::plan::Method;

pub use fault::{BrokenRows, ConvictedBy, Fault};
pub use unshown::without_fault;

/// An engine that synchronizes at hidden moments does so before one step in so many, for each mailbox: often enough to
/// happen in every plan, and not so often that what is wrong in between is gone again before anybody looks.
const RESTLESS: u32 = 16;

/// Makes one of the engines.
type MakeEngine = fn(Make) -> Box<dyn Implementation>;

/// Every faulty implementation: those of the table in its order, those of the engines, and the one that never rests.
pub fn catalogue() -> Vec<Fault> {
    let mut faults = rows::faults();
    for &glitch in Glitch::ALL {
        for &method in glitch.engines() {
            let (engine, made): (_, MakeEngine) = match method {
                Method::OutlookClient => ("outlook-client", outlook_client),
                Method::ServerSide => ("server-side", server_side),
            };
            faults.push(Fault {
                id: format!("{engine}/{}", glitch.id()),
                what: glitch.what().to_owned(),
                expected: ConvictedBy { checks: glitch.expected().to_vec(), rows: Vec::new(), later: Vec::new() },
                equivalent: None,
                broken: None,
                make: Arc::new(move || made(Make::with(glitch))),
                hidden: Some(Arc::new(move |seed| {
                    made(Make::with(glitch).restless(Background { seed, every: RESTLESS }))
                })),
            });
        }
    }
    faults.push(unshown::fault());
    for fault in &mut faults {
        fault.equivalent = EQUIVALENT.iter().find(|(id, _)| *id == fault.id).map(|&(_, why)| why);
    }
    faults
}

/// The faults that nobody could see under the default profile, and why. None of them is ever convicted, by a test.
const EQUIVALENT: [(&str, &str); 11] = [
    ("reference/D11-outlook-deleted", NOBODY_ASKED),
    ("reference/D11-crm-kept", NOBODY_ASKED),
    ("reference/D38-untrack-yes-outlook-deleted", NOBODY_ASKED),
    ("reference/D38-untrack-yes-crm-deleted", NOBODY_ASKED),
    ("reference/D38-untrack-yes-otherwise-outlook-deleted", NOBODY_ASKED),
    ("reference/D38-untrack-yes-otherwise-crm-deleted", NOBODY_ASKED),
    ("reference/D11-unprivileged-reply-negated", KEPT_ANYWAY),
    ("reference/S04-answer-refused", REFUSED_AS_A_WHOLE),
    ("reference/S04-beyond-answer-refused", REFUSED_AS_A_WHOLE),
    ("reference/C02-stands-crm", NOTHING_OVERWRITES),
    ("reference/C02-stands-merged", NOTHING_OVERWRITES),
];

const NOBODY_ASKED: &str = "no question is asked there, so that no Yes can be answered";
const KEPT_ANYWAY: &str = "D42 keeps every record that the user may not delete, whatever this row says";
const REFUSED_AS_A_WHOLE: &str =
    "a selection is refused as a whole where one of its items is, which is the other reading";
const NOTHING_OVERWRITES: &str =
    "it is the other reading, for what overwrites is asked only where Outlook's side stands";
