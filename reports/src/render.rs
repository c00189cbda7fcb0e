//! The renderings: a file for each form of a report, each a function of the [value](crate::value), and what several of them
//! share: the [picture of a run](timeline), sentences about causes, the layout of plain text.

pub mod annotations;
pub mod badge;
pub(crate) mod causes;
pub mod compare;
pub mod html;
pub mod junit;
pub(crate) mod known;
pub mod markdown;
pub(crate) mod places;
pub mod sarif;
pub mod terminal;
pub(crate) mod text;
pub mod timeline;
