//! The world after a reset is held against the one that was asked for, before anything is judged: what differs is the
//! adapter's fault and nobody else's.

use crate::contract::implementation::{Capabilities, Implementation, ImplementationFailure};
use crate::ids::ItemId;
use crate::oracle::Oracle;
use crate::plan::{Names, Plan};
use crate::readings::switches::Readings;
use crate::rules::Rules;
use crate::verdict::Sighting;
use crate::view::{Field, View};

use crate::words;

/// How the reason begins for which a run is broken whose starting world is not the one that was asked for.
pub const RESET: &str = "reset";

/// What to do about it.
pub const REMEDY: &str = "create every item as `reset` describes it, under its `title`, in each mailbox of `copies`, tracked or not, \
                          and, with `in_crm`, in CRM; link what `tracked` names; and list it all in `observe`. Claim no field that \
                          is not kept, and no operation on a kind that is not";

/// Starts an implementation in the world of a plan, and holds what is seen then against it.
///
/// # Errors
/// Where the world cannot be set up or looked at, or is another one.
pub fn reset(implementation: &mut dyn Implementation, plan: &Plan) -> Result<(), ImplementationFailure> {
    implementation.reset(plan)?;
    let mut view = View::new(&plan.setup);
    implementation.observe(&mut view)?;
    hold(plan, &implementation.describe().capabilities, &view)
}

/// Holds what is seen after a reset against the world of the plan.
///
/// # Errors
/// The first thing that differs, and how much more does.
pub fn hold(plan: &Plan, capabilities: &Capabilities, view: &View) -> Result<(), ImplementationFailure> {
    judged(plan, &differences(plan, capabilities, view))
}

/// What is seen after a reset otherwise than it was asked for.
pub fn differences(plan: &Plan, capabilities: &Capabilities, view: &View) -> Vec<(ItemId, Sighting)> {
    Oracle::new(Rules::documented(), &plan.setup, Readings::OPEN, capabilities).misplaced(view)
}

/// The failure that these differences are.
pub fn judged(plan: &Plan, differences: &[(ItemId, Sighting)]) -> Result<(), ImplementationFailure> {
    let Some((item, sighting)) = differences.first() else { return Ok(()) };
    let more = match differences.len() - 1 {
        0 => String::new(),
        1 => "; 1 more place differs".to_owned(),
        more => format!("; {more} more places differ"),
    };
    Err(ImplementationFailure::definite(format!(
        "{RESET}: {}{more}\nhelp: {REMEDY}",
        difference(plan, *item, sighting)
    )))
}

/// One thing that differs, in words: the item, the place, and each field.
pub fn difference(plan: &Plan, item: ItemId, sighting: &Sighting) -> String {
    let named = plan.names.items.len() == plan.setup.items.len();
    let invented = (!named).then(|| Plan { names: Names::invented(&plan.setup), ..plan.clone() });
    let plan = invented.as_ref().unwrap_or(plan);
    let Sighting { location, expected, seen, .. } = *sighting;
    let fields: Vec<Field> = if expected.is_present() && seen.is_present() {
        expected.differing(seen, u64::MAX).collect()
    } else {
        vec![Field::Count]
    };
    let say = |word| fields.iter().map(|&field| words::field(plan, field, word)).collect::<Vec<_>>().join(", ");
    format!(
        "`{}` in {}: asked for {}, and `observe` shows {}",
        plan.names.item(item),
        words::place(plan, location),
        say(expected),
        say(seen)
    )
}
