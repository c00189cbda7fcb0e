//! Whether what is claimed makes a difference: of each capability that a parameter of a step is, two stories that are one but
//! for it, in a situation where the documents say that they end differently.
//!
//! An adapter that drops what it was told ends both alike. What it would be judged by then is not what was asked.

mod stories;

use tombstone_model::contract::implementation::{Answer, Implementation, ImplementationFailure};
use tombstone_model::ids::ItemId;
use tombstone_model::plan::{Plan, Step};
use tombstone_model::view::{Location, View};

use super::trials::{tracked, world};
use super::{CheckResult, Complaint, Doctor};

/// Two stories that end differently wherever a capability is what it claims to be.
pub(super) struct Contrast {
    /// The capability, as the protocol calls it.
    pub capability: &'static str,
    /// What was tried, and what the documents say of it.
    pub tried: &'static str,
    /// The two.
    pub stories: [Story; 2],
    /// Whether both synchronize to rest before they are looked at.
    pub rest: bool,
    /// The items each of which must come out differently; anything at all, where none is named.
    pub each: Vec<ItemId>,
}

/// A starting world, and what is done in it.
#[derive(Clone)]
pub(super) struct Story {
    pub plan: Plan,
    pub steps: Vec<Step>,
}

/// What is seen in the end, and whether somebody was asked on the way; none where some of it could not be asked for.
type Ending = Option<(View, bool)>;

impl Doctor<'_> {
    /// Tries each of the capabilities that can be tried with what else is claimed.
    pub(super) fn difference(&mut self) -> CheckResult {
        let mut complaints = Vec::new();
        for contrast in self.contrasts() {
            let complaint = self.contrast(&contrast)?;
            // What is tried in two ways may fail in one.
            complaints.extend(complaint.filter(|complaint| !complaints.contains(complaint)));
        }
        complaints.extend(self.prompted()?);
        complaints.extend(self.caches()?);
        Ok(complaints)
    }

    fn contrast(&mut self, contrast: &Contrast) -> Result<Option<Complaint>, ImplementationFailure> {
        let Contrast { capability, tried, stories: [one, other], rest, each } = contrast;
        let able = |story: &Story| {
            let step = |step| self.capabilities.lacks_step(&story.plan.setup, step).is_none();
            self.capabilities.lacks(&story.plan.setup).is_none() && story.steps.iter().all(step)
        };
        if !able(one) || !able(other) {
            return Ok(None);
        }
        let Some((first, first_asked)) = self.told(one, *rest)? else { return Ok(None) };
        let Some((second, second_asked)) = self.told(other, *rest)? else { return Ok(None) };
        let alike = |item: ItemId| {
            let fields = self.capabilities.fields(one.plan.setup.items[item.index()].kind);
            let words = first.item(item).iter().zip(second.item(item));
            words.into_iter().all(|(first, second)| (first.0 ^ second.0) & fields == 0)
        };
        let all = (0..one.plan.setup.items.len()).map(|n| ItemId(n as u8));
        let same: Vec<ItemId> = if each.is_empty() {
            let asked_alike = !self.capabilities.prompts || first_asked == second_asked;
            if asked_alike && all.clone().all(alike) { Vec::new() } else { return Ok(None) }
        } else {
            each.iter().copied().filter(|&item| alike(item)).collect()
        };
        if same.is_empty() && !each.is_empty() {
            return Ok(None);
        }
        let mut kinds: Vec<&str> = same.iter().map(|item| one.plan.setup.items[item.index()].kind.name()).collect();
        kinds.dedup();
        let of = if kinds.is_empty() { String::new() } else { format!(" ({})", kinds.join(", ")) };
        Ok(Some(ineffective(capability, &format!("{tried}: both left the same behind{of}"))))
    }

    /// Tells a story to its end.
    fn told(&mut self, story: &Story, rest: bool) -> Result<Ending, ImplementationFailure> {
        match self.child.reset(&story.plan) {
            Ok(()) => {}
            Err(failure) if failure.declined => return Ok(None),
            Err(failure) => return Err(failure),
        }
        let mut asked = false;
        for step in &story.steps {
            match self.child.apply(step) {
                Answer::Done { prompted } => asked |= prompted,
                Answer::Offered(_) | Answer::Refused => {}
                Answer::Unsupported(_) => return Ok(None),
                Answer::Failed(failure) => return Err(failure),
            }
        }
        if rest || !self.capabilities.stepped {
            self.synchronize()?;
        }
        if rest && self.capabilities.stepped {
            self.synchronize()?;
        }
        Ok(Some((self.observe(&story.plan)?, asked)))
    }

    /// Whether somebody is seen to be asked where the documents have somebody asked.
    fn prompted(&mut self) -> Result<Option<Complaint>, ImplementationFailure> {
        let Some(story) = self.capabilities.prompts.then(|| self.untracking(true)).flatten() else { return Ok(None) };
        let Some((_, asked)) = self.told(&story, false)? else { return Ok(None) };
        let tried = "items of one's own were untracked at a connected computer, where the documents have the user asked \
                     (F030-F037): no answer was `prompted`";
        Ok((!asked).then(|| ineffective("prompts", tried)))
    }

    /// Whether what a computer shows is listed.
    fn caches(&mut self) -> Result<Option<Complaint>, ImplementationFailure> {
        let kinds = self.kinds();
        if !self.capabilities.caches || kinds.is_empty() {
            return Ok(None);
        }
        let plan = world(&self.capabilities, kinds.into_iter().map(tracked).collect());
        let view = self.reset(&plan)?;
        let shown = (0..plan.setup.items.len()).map(|n| view.item(ItemId(n as u8))).any(|words| {
            let mut places = words.iter().enumerate();
            places.any(|(n, word)| matches!(view.location(n), Location::Cache(_)) && word.is_present())
        });
        let tried =
            "after a reset every computer shows the mailbox of its user: `observe` lists nothing with a `computer`";
        Ok((!shown).then(|| ineffective("caches", tried)))
    }
}

/// The complaint about a capability that makes no difference.
fn ineffective(capability: &str, tried: &str) -> Complaint {
    Complaint::new(
        format!("`{capability}` is claimed, and makes no difference. Tried: {tried}"),
        format!(
            "do not claim `{capability}`: what needs it is then unsupported, and nobody is blamed for it. Or let it reach the \
             engine"
        ),
    )
}
