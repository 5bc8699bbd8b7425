//! What readers ask of a segmentation.

mod models;
mod playbook;
mod profile;
mod report;
