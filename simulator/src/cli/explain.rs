//! `tombstone explain`: one situation, and what the documents decide in it.

use clap::Args;
use tombstone_campaign::explain::fate;
use tombstone_model::plan::{Kind, KindSet};
use tombstone_model::readings::decide::Closed;
use tombstone_model::readings::profiles::Profile;
use tombstone_model::rules::{Prompt, Reading, Reply, Rule, Situation, Trigger};
use tombstone_reports::Exit;

use super::choose::profile;
use super::outcome::{CommandError, CommandOutcome, unknown};
use super::output::print;
use crate::tables;

/// The reply where nobody was asked.
const UNASKED: &str = "unasked";

#[derive(Args)]
pub(super) struct ExplainArguments {
    /// What the record is: email, contact, appointment, task, phone-call, letter, fax, recurring-appointment,
    /// service-activity. Or the name of a table, and what follows are facts.
    kind: String,
    /// What was done: delete-in-outlook, delete-in-crm, untrack, leave-filter. Of a table: facts, such as `kind=task`; what
    /// is not given is the first value of its column, and a truth does not hold.
    #[arg(value_name = "TRIGGER")]
    rest: Vec<String>,
    /// How the user answered the prompt: yes, no, unasked, no-client.
    #[arg(long, default_value = UNASKED)]
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

pub(super) fn run(arguments: &ExplainArguments) -> CommandOutcome {
    let profile = profile(&arguments.profile)?;
    if let Some(table) = tables::named(profile, &arguments.kind) {
        if arguments.speaks_of_a_kind() {
            let help =
                "help: give them as facts, such as `owner=yes`; what a table asks for is in `tombstone table NAME`";
            return Err(CommandError::usage(format!(
                "error: the options are for a kind and a trigger, not for a table\n{help}"
            )));
        }
        let index = tables::situation(table, &arguments.rest).map_err(|mistaken| told(&mistaken))?;
        let readings = profile.readings().closed();
        let (row, answers) = table.decide(table.row(index), &mut Closed(readings));
        let rule = table.rule(row);
        let mut text = format!("{}  {}\n\n", rule.id, rule.title);
        for (name, value) in tables::decided(table, answers) {
            text.push_str(&format!("  {name:<10} {value}\n"));
        }
        text.push_str(&format!("  certainty  {} ({})\n", rule.certainty.name(), rule.certainty.meaning()));
        print(&(text + &basis(rule, &tables::open(table, row, profile))));
        return Ok(Exit::Conforms);
    }
    let kinds: Vec<&str> = KindSet::RECORDS.kinds().map(Kind::name).chain(tables::names()).collect();
    let kind = Kind::named(&arguments.kind)
        .filter(|kind| KindSet::RECORDS.contains(kind.record()))
        .ok_or_else(|| unknown("kind or table", &arguments.kind, &kinds))?;
    let [trigger] = arguments.rest.as_slice() else {
        let given = if arguments.rest.is_empty() { "none is given" } else { "several things are given" };
        let help = "help: say what was done, as in `tombstone explain contact delete-in-outlook`";
        return Err(CommandError::usage(format!("error: of a kind one trigger is asked for, and {given}\n{help}")));
    };
    let triggers: Vec<&str> = Trigger::ALL.iter().map(|trigger| trigger.name()).collect();
    let trigger = Trigger::named(trigger).ok_or_else(|| unknown("trigger", trigger, &triggers))?;
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
    let text = format!(
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
    let otherwise: Vec<String> = rule.readings.iter().map(Reading::words).collect();
    print(&(text + &basis(rule, &otherwise)));
    Ok(Exit::Conforms)
}

impl ExplainArguments {
    /// Whether an option is given that speaks of a kind and a trigger.
    fn speaks_of_a_kind(&self) -> bool {
        let said =
            [self.owner, self.organizer, self.past, self.closed, self.untracked, self.unprivileged, self.occurrence];
        said.contains(&true) || self.reply != UNASKED
    }
}

/// What is wrong with a fact of a table, in words.
fn told(mistaken: &tables::Mistaken) -> CommandError {
    match mistaken {
        tables::Mistaken::Unknown(what, given, known) => unknown(what, given, known),
        tables::Mistaken::Bare(fact, known) => CommandError::usage(format!(
            "error: the fact `{fact}` wants a value\nhelp: give one, such as `{fact}={}`; there are: {}",
            known[0],
            known.join(", ")
        )),
        tables::Mistaken::Twice(fact) => CommandError::usage(format!(
            "error: the fact `{fact}` is given twice\nhelp: a situation has one value of it"
        )),
    }
}

/// On what a row rests, what else it could decide, and what is remarked of it.
fn basis(rule: &Rule, otherwise: &[String]) -> String {
    let mut text = String::new();
    for source in &rule.sources {
        text.push_str(&format!("  source     \"{source}\"\n"));
    }
    if rule.sources.is_empty() && !rule.extends.is_empty() {
        text.push_str(&format!("  source     none: it extends {}\n", rule.extends.join(", ")));
    } else if rule.sources.is_empty() {
        text.push_str("  source     none: the documents are silent\n");
    }
    for words in otherwise {
        text.push_str(&format!("  otherwise  {words}\n"));
    }
    if !rule.note.is_empty() {
        text.push_str(&format!("  note       {}\n", rule.note));
    }
    text
}
