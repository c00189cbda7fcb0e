//! `tombstone explain`: one situation, and what the documents decide in it.

use clap::Args;
use tombstone_campaign::explain::fate;
use tombstone_model::decide::Closed;
use tombstone_model::plan::Kind;
use tombstone_model::profiles::Profile;
use tombstone_model::rules::{KINDS, Prompt, Reply, Situation, Trigger};
use tombstone_reports::Exit;

use super::choose::{profile, unknown};
use super::{Outcome, print};

#[derive(Args)]
pub(super) struct Arguments {
    /// What the record is: email, contact, appointment, task, phone-call, letter, fax, recurring-appointment,
    /// service-activity.
    kind: String,
    /// What was done: delete-in-outlook, delete-in-crm, untrack, leave-filter.
    trigger: String,
    /// How the user answered the prompt: yes, no, unasked, no-client.
    #[arg(long, default_value = "unasked")]
    reply: String,
    /// The user owns the record.
    #[arg(long)]
    owner: bool,
    /// The user organized the appointment.
    #[arg(long)]
    organizer: bool,
    /// The item is not current: the appointment is past, the task is not current any more.
    #[arg(long)]
    past: bool,
    /// The record is completed or cancelled.
    #[arg(long)]
    closed: bool,
    /// The item is not tracked.
    #[arg(long)]
    untracked: bool,
    /// The user may not delete records in CRM.
    #[arg(long)]
    unprivileged: bool,
    /// It was done to one occurrence of a series.
    #[arg(long)]
    occurrence: bool,
    /// The profile whose readings to follow.
    #[arg(long, default_value = Profile::DEFAULT)]
    profile: String,
}

pub(super) fn run(arguments: &Arguments) -> Outcome {
    let profile = profile(&arguments.profile)?;
    let kinds: Vec<&str> = KINDS.iter().map(|kind| kind.name()).collect();
    let kind = Kind::named(&arguments.kind)
        .filter(|kind| KINDS.contains(&kind.record()))
        .ok_or_else(|| unknown("kind", &arguments.kind, &kinds))?;
    let triggers: Vec<&str> = Trigger::ALL.iter().map(|trigger| trigger.name()).collect();
    let trigger =
        Trigger::named(&arguments.trigger).ok_or_else(|| unknown("trigger", &arguments.trigger, &triggers))?;
    let replies: Vec<&str> = Reply::ALL.iter().map(|reply| reply.name()).collect();
    let reply = Reply::named(&arguments.reply).ok_or_else(|| unknown("reply", &arguments.reply, &replies))?;
    let situation = Situation {
        kind: kind.record(),
        trigger,
        reply,
        tracked: !arguments.untracked,
        owner: arguments.owner,
        organizer: arguments.organizer,
        current: !arguments.past,
        open: !arguments.closed,
        privileged: !arguments.unprivileged,
        occurrence: arguments.occurrence,
    };
    // Where no document of the profile speaks, its table is free; otherwise both say the same, in the profile's words.
    let rules = profile.rules();
    let decision = rules.deletion.ask(&situation, &mut Closed(profile.readings().closed()));
    let rule = rules.rule(decision.rule);
    let mut text = format!(
        "{}  {}\n\n  Outlook    {}\n  CRM        {}\n  prompt     {}\n  certainty  {} ({})\n",
        rule.id,
        rule.title,
        fate(Some(decision.outlook)),
        fate(Some(decision.crm)),
        match decision.prompt {
            Prompt::Asked => "yes",
            Prompt::Unasked => "no",
            Prompt::Free => "free",
        },
        rule.certainty.name(),
        rule.certainty.meaning(),
    );
    for source in &rule.sources {
        text.push_str(&format!("  source     \"{source}\"\n"));
    }
    if rule.sources.is_empty() && !rule.extends.is_empty() {
        text.push_str(&format!("  source     none: it extends {}\n", rule.extends.join(", ")));
    } else if rule.sources.is_empty() {
        text.push_str("  source     none: the documents are silent\n");
    }
    for reading in &rule.readings {
        text.push_str(&format!("  otherwise  {}\n", reading.words()));
    }
    if !rule.note.is_empty() {
        text.push_str(&format!("  note       {}\n", rule.note));
    }
    print(&text);
    Ok(Exit::Conforms)
}
