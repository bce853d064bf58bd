//! A process that holds passwords and keys leaves no dump of its memory.

use std::fs;
use std::io::Write as _;
use std::os::unix::fs::MetadataExt as _;
use std::process::Stdio;

use crate::server::fake;
use crate::server::installation::program;

#[test]
fn no_dump_is_made_while_a_password_is_held() {
    let folder = tempfile::tempdir().unwrap();
    let source = folder.path().join("app.db");
    let table = "CREATE TABLE t (id INTEGER PRIMARY KEY); INSERT INTO t VALUES (1);";
    rusqlite::Connection::open(&source).unwrap().execute_batch(table).unwrap();
    let schema = folder.path().join("app");
    fs::create_dir(&schema).unwrap();
    fs::write(schema.join("database.toml"), "versions = [\"1\"]\n").unwrap();
    let columns = "primary_key = [\"id\"]\n[columns]\nid = { type = \"int8\" }\n";
    fs::write(schema.join("t.toml"), columns).unwrap();
    // The server looks at the program while that waits for it.
    let (send, receive) = std::sync::mpsc::channel();
    let (go_on, go_on_received) = std::sync::mpsc::channel::<()>();
    let go_on_received = std::sync::Arc::new(std::sync::Mutex::new(go_on_received));
    let port = fake::start(move |stream| {
        let _ = send.send(());
        let _ = go_on_received.lock().unwrap().recv();
        stream.write_all(b"")
    });
    let url = format!("postgres://u@127.0.0.1:{port}/d?sslmode=disable");
    let mut command = program();
    command.args(["copy", "--yes", "--target", &url]).env("PGPASSWORD", "secret");
    command.arg("--source").arg(&source).arg("--schema").arg(&schema);
    let child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let came = receive.recv();
    let process = format!("/proc/{}", child.id());
    let limits = fs::read_to_string(format!("{process}/limits")).unwrap();
    let owner = fs::metadata(format!("{process}/environ")).unwrap().uid();
    drop(go_on);
    let ended = child.wait_with_output().unwrap();
    came.unwrap();
    assert_eq!(ended.status.code(), Some(4), "{}", String::from_utf8_lossy(&ended.stderr));
    let line = limits.lines().find(|line| line.starts_with("Max core file size")).unwrap();
    assert_eq!(line.split_whitespace().skip(4).take(2).collect::<Vec<_>>(), ["0", "0"], "{line}");
    // What others may not dump belongs to root.
    assert_eq!(owner, 0);
}
