//! The executable specification of tracking between Outlook and a CRM.

pub mod decide;
pub mod ids;
pub mod implementation;
pub mod plan;
pub mod profiles;
pub mod rules;
pub mod switches;
pub mod time;
pub mod view;
