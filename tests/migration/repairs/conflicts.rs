//! Repairs that are not taken, and what the page says.

use std::fs;

use super::Shop;
use crate::hint_log;
use crate::migration::Site;

const THINGS: &str = "primary_key = ['id']\n[columns]\nid = { type = 'int8' }\n\
                      title = { type = 'text' }\nmood = { type = 'mood', null = true }\n\
                      short = { type = 'varchar(3)' }\nat = { type = 'timestamptz' }\n";

fn shop() -> Shop {
    Shop::new(
        &[("things", THINGS)],
        "CREATE TABLE things (id INTEGER PRIMARY KEY, title TEXT, mood TEXT, short TEXT, at);
         INSERT INTO things VALUES (1, 'a', 'Sad', 'abc', '2024-03-31 02:30:00Z'),
             (2, 'b', 'glad', 'abc', '2024-01-02 03:04:05Z')",
    )
}

#[test]
fn labels_are_mapped_as_a_file_says() {
    let shop = shop();
    let file = shop.path("repairs.toml");
    fs::write(
        &file,
        "[[repair]]\ntable = \"things\"\ncolumn = \"mood\"\nrepair = \"enum-map\"\n\
         map = { Sad = \"sad\", \"\" = \"glad\" }\n",
    )
    .unwrap();
    let flag = file.display().to_string();
    shop.copy(&["--dry-run"]).fails(1, &["J8 shop.things.mood"]);
    let wrong = "sql Verify 1 UPDATE things SET mood = 'glad'";
    shop.copy_hooked(wrong, &["--repairs", &flag]).fails(6, &["column mood differs"]);
    let ran = shop.copy(&["--repairs", &flag]);
    assert_eq!(ran.code, Some(0), "{ran:?}");
    let held = "SELECT string_agg(mood::text, ' ' ORDER BY id) FROM things";
    assert_eq!(shop.text(held), "sad glad");
    assert_eq!(shop.copy(&["--verify", "--repairs", &flag]).code, Some(0));
    assert_eq!(shop.copy(&["--verify"]).code, Some(6));
}

const WRONG: &str = "\
[[repair]]
table = 'things'
column = 'titel'
repair = 'strip-nul'

[[repair]]
table = 'thing'
column = 'title'
repair = 'strip-nul'

[[repair]]
table = 'things'
column = 'id'
repair = 'strip-nul'

[[repair]]
table = 'things'
column = 'short'
repair = 'truncate'

[[repair]]
table = 'things'
column = 'short'
repair = 'widen'

[[repair]]
database = 'shpo'
table = 'things'
repair = 'quarantine'

[[repair]]
table = 'things'
column = 'title'
repair = 'empty-as-null'

[[repair]]
table = 'things'
column = 'mood'
repair = 'enum-map'
map = { Sad = 'bad' }
";

/// Everything that is wrong is reported at once, with file and line.
#[test]
fn all_errors_of_a_repairs_file_are_reported_at_once() {
    let shop = shop();
    let file = shop.path("repairs.toml");
    fs::write(&file, WRONG).unwrap();
    let shown = file.display().to_string();
    let ran = shop.copy(&[
        "--repairs",
        &shown,
        "--repair=things.title=strip-nul",
        "--repair=things.title=replace-nul",
        "--quarantine",
        &shop.quarantine_file(),
    ]);
    let at = |line: u32, text: &str| format!("error: {shown}:{line}: {text}");
    let expected = [
        at(2, "there is no column titel in table things to copy; did you mean title?"),
        at(7, "there is no table thing in the plan; did you mean things?"),
        at(12, "strip-nul does not apply to things.id (int8 stored as integer): it holds no text"),
        at(
            22,
            &format!(
                "shop.things.short=widen contradicts shop.things.short=truncate at {shown}:17"
            ),
        ),
        at(27, "there is no database shpo in this run, which has shop; did you mean shop?"),
        at(
            32,
            "empty-as-null does not apply to things.title (text stored as text): the column does \
             not allow NULL",
        ),
        at(
            37,
            "enum-map does not apply to things.mood (mood stored as text): map assigns text that \
             is not a label of the type",
        ),
        "error: --repair things.title=replace-nul: shop.things.title=replace-nul contradicts \
         shop.things.title=strip-nul at --repair things.title=strip-nul"
            .to_owned(),
    ];
    for line in &expected {
        assert!(ran.err.lines().any(|output| output == line), "{line}\nis not in\n{ran:?}");
    }
    assert_eq!(ran.code, Some(2));
    assert_eq!(ran.err.matches("error: ").count(), expected.len(), "{ran:?}");
}

#[test]
fn all_errors_of_repair_flags_are_reported_at_once() {
    let shop = shop();
    let file = shop.path("repairs.toml");
    let text = "[[repair]]\ntable = 'things'\ncolumn = 'title'\nrepair = 'strip_nul'\n\n\
                [[repair]]\ntable = 'things'\ncolumn = 'title'\nrepair = 'decode'\n\
                with = 'ebcdic'\nzone = 'UTC'\ncolour = 'red'\n\n[other]\n";
    fs::write(&file, text).unwrap();
    let shown = file.display().to_string();
    let ran = shop.copy(&[
        "--repairs",
        &shown,
        "--repair=things.at=naive-zone:Europe/Belrin",
        "--repair=things.title",
        "--repair=things.title=truncate:3",
    ]);
    ran.fails(
        2,
        &[
            &format!("{shown}:4: there is no repair named strip_nul; did you mean strip-nul?"),
            &format!("{shown}:9: decode needs one of latin-1, cp1252, utf-8"),
            &format!("{shown}:11: decode takes no zone"),
            &format!("{shown}:12: colour is not a key of a repair"),
            &format!("{shown}:14: expected only [[repair]] tables"),
            "Europe/Belrin is not a zone of the time zone database",
            "--repair things.title: expected DATABASE.TABLE.COLUMN=WORD",
            "truncate takes no argument",
        ],
    );
    assert_eq!(ran.err.matches("error: ").count(), 8, "{ran:?}");
    shop.copy(&["--repairs", "/nowhere.toml"]).fails(2, &["--repairs /nowhere.toml: "]);
}

/// Times that clocks showed twice or never are not guessed.
#[test]
fn ambiguous_times_stay_errors() {
    let shop = shop();
    shop.sqlite(
        "UPDATE things SET mood = 'sad', at = '2024-03-31 02:30:00' WHERE id = 1;
         UPDATE things SET at = '2024-10-27 02:30:00' WHERE id = 2;",
    );
    let ran = shop.copy(&["--repair=things.at=naive-zone:Europe/Berlin"]);
    ran.fails(1, &["D5 shop.things.at", "(in 2 rows)", "applies to no row"]);
    let report = shop.report();
    let ids: Vec<_> = report["findings"].as_array().unwrap().iter().map(|f| &f["id"]).collect();
    assert_eq!(ids, ["R2", "D5"]);
    let file = shop.quarantine_file();
    let words = [
        "--repair=things.at=naive-zone:Europe/Berlin",
        "--repair=things.at=quarantine",
        "--quarantine",
        &file,
    ];
    let ran = shop.copy(&words);
    assert_eq!(ran.code, Some(0), "{ran:?}");
    assert_eq!(shop.quarantine().len(), 2);
}

/// Both of Connect's databases: which one is meant must be said.
#[test]
fn repairs_of_two_databases_name_theirs() {
    let site = Site::new();
    let file = "connect-instrumentation.db";
    site.sqlite(file, "UPDATE shiny_app_usage SET app_guid = CAST(x'610062' AS TEXT)");
    let place = "shiny_app_usage.app_guid=strip-nul";
    let flag = format!("--repair={place}");
    site.db(&["--yes", &flag]).fails(2, &["this run has core and instrumentation"]);
    site.db(&["--yes"]).fails(1, &["T1 instrumentation.shiny_app_usage.app_guid", place]);
    let flag = format!("--repair=instrumentation.{place}");
    let ran = site.db(&["--yes", &flag]);
    assert_eq!(ran.code, Some(0), "{ran:?}");
    let bad = "SELECT count(*) FROM shiny_app_usage WHERE app_guid <> 'ab'";
    assert_eq!(site.number(bad), 0);
    assert_eq!(site.db(&["--verify", &flag]).code, Some(0));
    assert_eq!(site.db(&["--verify"]).code, Some(6));
}

/// A file of another run is not written over.
#[test]
fn quarantine_file_of_another_run_stays() {
    let shop = shop();
    fs::write(shop.path("out.jsonl"), "precious").unwrap();
    let file = shop.quarantine_file();
    let words = ["--repair=things.mood=quarantine", "--quarantine", &file];
    let refused = shop.copy(&words);
    refused.fails(2, &["exists already", "move the file away", "--force"]);
    hint_log::note_followed(&refused.err);
    let other = shop.path("other.jsonl").display().to_string();
    for words in [
        &["--dry-run", words[0], "--quarantine", &other][..],
        &["--dry-run", words[0], words[1], words[2], "--force"],
    ] {
        let followed = shop.copy(words);
        assert!(!followed.err.contains("exists already"), "{words:?}: {followed:?}");
    }
    assert_eq!(fs::read_to_string(&file).unwrap(), "precious");
    let beside = fs::read_dir(shop.path("")).unwrap().flatten();
    let names: Vec<_> = beside.map(|e| e.file_name().to_string_lossy().into_owned()).collect();
    assert!(!names.iter().any(|name| name.contains(".migrate-")), "{names:?}");
}

/// The flags of hints can be typed as they are.
#[test]
fn hints_name_flags_that_work() {
    let shop = shop();
    shop.sqlite(
        "UPDATE things SET title = CAST(x'ff' AS TEXT), mood = '', short = 'abcd', at = 17",
    );
    let ran = shop.copy(&["--dry-run"]);
    assert_eq!(ran.code, Some(1));
    let report = shop.report();
    let mut tried = 0;
    for finding in report["findings"].as_array().unwrap() {
        let flags = finding["repairs"].as_array().unwrap();
        assert!(!flags.is_empty(), "{finding}");
        for flag in flags {
            let flag = flag.as_str().unwrap();
            assert!(ran.err.contains(flag), "{flag} is not in {ran:?}");
            let flag = flag.replace("UNIT", "s").replacen(' ', "=", 1);
            shop.copy(&["--dry-run", &flag]);
            let left = shop.errors();
            let same = left.iter().any(|(id, column, _)| {
                (id, column.as_str())
                    == (
                        &finding["id"].as_str().unwrap().to_owned(),
                        finding["column"].as_str().unwrap(),
                    )
            });
            assert!(!same, "{flag}: {left:?}");
            tried += 1;
        }
    }
    assert!(tried >= 10, "{tried}");
}

/// The file of the page is read, and every word stands on it.
#[test]
fn repairs_page_lists_every_repair() {
    let page = include_str!("../../../docs/repairs.md");
    for kind in connect_migrate::diagnostic::RepairKind::ALL {
        let name = kind.word();
        assert!(page.contains(&format!("| `{name}` |")), "{name}");
        if let Some(key) = connect_migrate::repair::Word::of_kind(*kind).argument {
            let line = page.lines().find(|line| line.starts_with(&format!("| `{name}` |")));
            assert!(line.unwrap().contains(&format!("`{key}")), "{name}: {key}");
        }
    }
    let example = page.split("```toml\n").nth(1).unwrap().split("```").next().unwrap();
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("repairs.toml");
    fs::write(&file, example).unwrap();
    let mut faults = Vec::new();
    let asked = connect_migrate::repair::read_file(&file, &mut faults);
    assert_eq!((asked.len(), faults), (2, Vec::new()));
    let core = connect_migrate::schema::built_in("connect/core").unwrap();
    let version = core.versions.last().unwrap();
    let (id, name) = (connect_migrate::ids::DatabaseId::new(0), "core");
    let known = connect_migrate::repair::Known { id, name, version };
    connect_migrate::repair::resolve_repairs(&asked, &[known]).unwrap();
    // What the page says of findings is what hints offer.
    for entry in connect_migrate::diagnostic::catalog::entries() {
        for kind in connect_migrate::repair::offer::repair_kinds_answering(entry.id) {
            let word = kind.word();
            let line =
                page.lines().find(|line| line.starts_with(&format!("| `{word}` |"))).unwrap();
            let cell =
                line.split('|').nth(if line.split('|').count() > 6 { 3 } else { 2 }).unwrap();
            let named = cell.split(',').any(|id| id.trim() == entry.id.as_str());
            assert!(named || word == "quarantine", "{word} is offered for {}: {line}", entry.id);
        }
    }
}
