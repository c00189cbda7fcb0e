//! What an item would be linked to.

use crate::ids::ItemId;
use crate::rules::{LinkAs, LinkTarget};

use super::Frame;

/// An item as what a contact would belong to.
pub(super) fn parent_to(frame: &Frame<'_>, to: ItemId) -> (LinkAs, LinkTarget) {
    (LinkAs::Parent, LinkTarget::of(frame.scene.items[to.index()].record))
}
