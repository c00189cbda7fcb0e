//! The skeleton on the protocol's page runs as it stands.

use tombstone_adapter::{ChildImplementation, Launch};
use tombstone_model::contract::implementation::{Answer, Implementation, Operation};
use tombstone_model::ids::{ComputerId, ItemId, ItemSet, UserId};
use tombstone_model::plan::{Change, Deletion, Kind, Op, Place, Side, Step};
use tombstone_model::view::{Location, View};

use crate::world;

#[test]
fn the_documented_skeleton_is_an_adapter() {
    let page = include_str!("../../simulator/adapter/PROTOCOL.md");
    let (_, rest) = page.split_once("```python\n").expect("the page has a skeleton");
    let (program, _) = rest.split_once("```").expect("the skeleton ends");
    let mut launch = Launch::new("python3", ["-c", program]);
    launch.validate = true;
    let mut child = ChildImplementation::start(launch).unwrap();
    assert_eq!(child.describe().name, "skeleton");
    let contact = child.describe().capabilities.kinds[Kind::Contact as usize];
    assert!(contact.operations.contains(Operation::Track) && !contact.operations.contains(Operation::Untrack));

    let plan = world::one_contact();
    let (ann, contact) = (UserId(0), ItemId(0));
    let outlook = Side::Outlook(ann);
    let step = |op| Step { by: ann, at: Place::Computer(ComputerId(0)), op };
    child.reset(&plan).unwrap();
    let answers = child.apply_batch(&[
        step(Op::Edit { item: contact, side: outlook, change: Change::Title(3) }),
        step(Op::Delete { item: contact, side: Side::Crm, how: Deletion::Hard }),
        step(Op::Track { items: ItemSet::of(contact), mailbox: ann, record: None }),
        step(Op::Synchronize { crash: None }),
        step(Op::Restart),
    ]);
    // It claims no crash, and never hears of one.
    let unsupported = Answer::unsupported("crash");
    assert_eq!(answers, [Answer::DONE, Answer::Refused, Answer::DONE, Answer::DONE, unsupported]);
    let mut view = View::new(&plan.setup);
    child.observe(&mut view).unwrap();
    assert_eq!(view.get(contact, Location::Crm).title(), 3);
    assert!(view.get(contact, Location::Mailbox(ann)).is_tracked());
    assert!(matches!(child.settle(), Answer::Unsupported(_)));
    assert_eq!(child.finish(), Ok(()));
}
