//! UUIDs of 16 bytes, in the order of their text or in .NET's.

use sha2::{Digest, Sha256};
use uuid::{Builder, Uuid};

use super::{Case, Ran, migrate};
use crate::server;

/// A SQLite file with a table `t` whose column of this type has these values.
fn case(declared: &str, blobs: &[[u8; 16]]) -> Case {
    let mut sql = format!("CREATE TABLE t (id INTEGER PRIMARY KEY, owner_guid {declared});");
    for blob in blobs {
        sql.push_str(&format!("INSERT INTO t (owner_guid) VALUES (x'{}');", hex::encode(blob)));
    }
    Case::new(&sql)
}

fn join(case: &Case, url: &str) -> Ran {
    let (file, out) = (case.file(), case.out());
    migrate(&["schema", "draft", "--source", &file, "--target", url, "--out", &out])
}

/// Random ones: hardly ever does one of eight fit the other order by chance, and all of them never.
fn guids() -> Vec<Uuid> {
    let bytes = |number: u8| Sha256::digest([number])[..16].try_into().unwrap();
    (0..8).map(|number| Builder::from_random_bytes(bytes(number)).into_uuid()).collect()
}

#[test]
fn version_and_variant_say_in_which_order_bytes_are() {
    let database = server::database(server::shared());
    server::execute(&database.url, "CREATE TABLE t (id int PRIMARY KEY, owner_guid uuid)");
    let little: Vec<[u8; 16]> = guids().iter().map(Uuid::to_bytes_le).collect();
    let text: Vec<[u8; 16]> = guids().iter().map(|guid| *guid.as_bytes()).collect();
    for (blobs, output) in [(&little, "stored = \"guid_le\""), (&text, "stored = \"blob\"")] {
        let case = case("BLOB", blobs);
        let ran = join(&case, &database.url);
        assert_eq!(ran.code, 0, "{}{}", ran.out, ran.err);
        let line = case.column("t", "owner_guid");
        assert!(line.contains(output), "{line}");
        let copied = case.copy(&database.url);
        assert_eq!(copied.code, 0, "{}{}", copied.out, copied.err);
        let mut client = server::connect(&database.url).client;
        let rows = client.query("SELECT owner_guid::text FROM t ORDER BY id", &[]).unwrap();
        let found: Vec<String> = rows.iter().map(|row| row.get(0)).collect();
        assert_eq!(found, guids().iter().map(Uuid::to_string).collect::<Vec<_>>());
        server::execute(&database.url, "TRUNCATE t");
    }
}

#[test]
fn bytes_that_fit_both_orders_or_none_are_to_be_decided() {
    let database = server::database(server::shared());
    server::execute(&database.url, "CREATE TABLE t (id int PRIMARY KEY, owner_guid uuid)");
    let both = Uuid::parse_str("a0eebc99-9c0b-4e18-9b6d-6bb9bd380a11").unwrap();
    let none = Uuid::parse_str("a0eebc99-9c0b-0e98-1b6d-6bb9bd380a11").unwrap();
    for guid in [both, none] {
        let case = case("BLOB", &[guid.to_bytes_le()]);
        let ran = join(&case, &database.url);
        assert_eq!(ran.code, 1, "{}{}", ran.out, ran.err);
        let other = Uuid::from_bytes(guid.to_bytes_le());
        for output in [
            "t: column owner_guid: the order of the 16 bytes is not known".to_owned(),
            format!("stored = \"blob\" reads the first value as {other}"),
            format!("as {guid}; write the correct one"),
        ] {
            assert!(ran.out.contains(&output), "{output}\n{}", ran.out);
        }
        assert!(case.column("t", "owner_guid").contains("TO DECIDE"));
    }
}

#[test]
fn blobs_stay_bytes_without_a_target_and_the_draft_says_what_they_could_be() {
    let little: Vec<[u8; 16]> = guids().iter().map(Uuid::to_bytes_le).collect();
    let bytes = case("BLOB", &little);
    bytes.draft();
    assert!(bytes.column("t", "owner_guid").contains("type = \"bytea\""));
    let residue = bytes.read("RESIDUE.md");
    let output = format!(
        "all of 8 values have 16 bytes: type = \"uuid\", stored = \"guid_le\" reads the first \
         value as {}",
        guids()[0]
    );
    assert!(residue.contains(&output) && !residue.contains("stored = \"blob\""), "{residue}");
    let declared = case("UUID", &little);
    declared.draft();
    assert!(declared.column("t", "owner_guid").contains("stored = \"guid_le\""));
    // Hashes are no UUIDs.
    let hashes = Case::new(
        "CREATE TABLE t (h BLOB);
         INSERT INTO t VALUES (zeroblob(16)), (x'00ff00ff00ff00ff00ff00ff00ff00ff')",
    );
    hashes.draft();
    assert!(
        hashes.read("RESIDUE.md").contains("describe everything"),
        "{}",
        hashes.read("RESIDUE.md")
    );
}
