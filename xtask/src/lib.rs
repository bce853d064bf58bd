//! What `cargo xtask` does, as a library: the tests use the sample and the throw-away servers too.

pub mod bench;
pub mod bless;
pub mod browser;
pub mod case_lists;
pub mod census;
pub mod check;
pub mod cluster;
pub mod demo;
pub mod dependencies;
pub mod dist;
pub mod faults;
pub mod fuzz;
pub mod golden;
pub mod next_version;
pub mod pg;
pub mod picture;
pub mod proxy;
pub mod release;
pub mod sample;
pub mod server;
pub mod slow_line;
pub mod small_disk;
