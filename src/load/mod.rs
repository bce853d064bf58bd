//! Everything that writes: rows, the statements before and after them, sequences, and the COMMIT
//! that makes all of it visible.

pub mod after_load;
pub mod copy;
pub mod hooks;
pub mod publish;
pub mod sequences;
mod server_text;
pub mod statements;
