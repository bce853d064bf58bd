//! The program: everything is in the library.

fn main() -> std::process::ExitCode {
    connect_migrate::run(std::env::args_os())
}
