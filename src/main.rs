//! The program: everything is in the library.

fn main() -> std::process::ExitCode {
    connect_migrate::cli::main(std::env::args_os())
}
