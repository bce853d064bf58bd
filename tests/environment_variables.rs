//! Settings from environment variables, through the built program: what `check-config` shows, and
//! which database a run really loads.
//!
//! Nothing here builds an `Environment` by itself: the variables are set for a child process.

use std::path::Path;

use connect_migrate::config::settings::SECTIONS;

use crate::server::installation::{Ended, Installation, owned, private, program, tables};
use crate::server::{self, installation};

/// Values of one setting: in the companion, in the file, in the variable.
struct Layered {
    section: &'static str,
    field: &'static str,
    values: [&'static str; 3],
    /// What is shown when nothing is said.
    default: &'static str,
}

const fn layered(
    section: &'static str,
    field: &'static str,
    values: [&'static str; 3],
    default: &'static str,
) -> Layered {
    Layered { section, field, values, default }
}

const SETTINGS: &[Layered] = &[
    layered("Server", "DataDir", ["/a", "/b", "/c"], "/var/lib/rstudio-connect"),
    layered(
        "Server",
        "EncryptionKeyFile",
        ["/a.key", "/b.key", "/c.key"],
        "/var/lib/rstudio-connect/db/secret.key",
    ),
    layered("Server", "EncryptionKey", ["a", "b", "c"], "(not set)"),
    layered("Database", "Provider", ["sqlite", "Postgres", "SQLite"], "sqlite"),
    layered("Database", "Dir", ["/a", "/b", "/c"], "/var/lib/rstudio-connect/db"),
    layered("SQLite", "Dir", ["/a", "/b", "/c"], "/var/lib/rstudio-connect/db"),
    layered("Postgres", "URL", ["postgres://a/x", "postgres://b/x", "postgres://c/x"], "(not set)"),
    layered("Postgres", "Password", ["a", "b", "c"], "(not set)"),
    layered(
        "Postgres",
        "InstrumentationURL",
        ["postgres://a/x", "postgres://b/x", "postgres://c/x"],
        "(not set)",
    ),
    layered("Postgres", "InstrumentationPassword", ["a", "b", "c"], "(not set)"),
];

impl Layered {
    fn variable(&self) -> String {
        format!("CONNECT_{}_{}", self.section, self.field).to_ascii_uppercase()
    }

    fn shown(&self, value: &str) -> String {
        match self.field {
            "Provider" => value.to_ascii_lowercase(),
            "EncryptionKey" => "********".to_owned(),
            "Password" | "InstrumentationPassword" => "******** (plain text)".to_owned(),
            _ => value.to_owned(),
        }
    }

    fn line(&self, value: &str) -> String {
        format!("[{}]\n{} = {value}\n", self.section, self.field)
    }
}

/// `check-config` on these texts, with these variables and no others.
fn check_config(directory: &Path, files: [Option<&str>; 2], variables: &[(&str, &str)]) -> Ended {
    for (name, text) in ["connect-migration.gcfg", "connect.gcfg"].into_iter().zip(files) {
        let _ = std::fs::remove_file(directory.join(name));
        text.inspect(|text| private(&directory.join(name), text.as_bytes()));
    }
    let mut command = program();
    command.args(["check-config", "--config"]).arg(directory.join("connect.gcfg"));
    Ended::of(&command.envs(variables.iter().copied()).output().unwrap())
}

/// The value and the source that are shown for a setting, on one line or several.
fn row(ended: &Ended, setting: &str) -> String {
    let mut lines = ended.out.lines().skip_while(|line| line.split(' ').next() != Some(setting));
    let first = lines.next().unwrap_or_else(|| panic!("no {setting} in:\n{}", ended.out));
    let mut row = first[setting.len()..].trim_start().to_owned();
    for line in lines.map_while(|line| line.strip_prefix("    ")) {
        row += if row.is_empty() { "" } else { "  " };
        row += line;
    }
    row
}

#[test]
fn the_variable_outranks_the_file_and_the_file_its_companion() {
    let fields: usize = SECTIONS.iter().map(|section| section.fields.len()).sum();
    assert_eq!(fields, SETTINGS.len(), "a setting without a test");
    let directory = tempfile::tempdir().unwrap();
    let shown_directory = directory.path().display().to_string();
    for setting in SETTINGS {
        let name = format!("{}.{}", setting.section, setting.field);
        let variable = setting.variable();
        let [companion, file, value] = setting.values;
        let (companion_text, file_text) = (setting.line(companion), setting.line(file));
        let all = [Some(companion_text.as_str()), Some(file_text.as_str())];
        let run = |files, variables: &[(&str, &str)]| {
            row(&check_config(directory.path(), files, variables), &name)
                .replace(&shown_directory, "DIR")
        };
        let from_variable = format!("{}  [environment variable {variable}]", setting.shown(value));
        assert_eq!(run(all, &[(&variable, value)]), from_variable);
        assert_eq!(run([None, Some("")], &[(&variable, value)]), from_variable, "an empty file");
        assert_eq!(run(all, &[]), format!("{}  [DIR/connect.gcfg:2]", setting.shown(file)));
        assert_eq!(
            run([all[0], Some("")], &[]),
            format!("{}  [DIR/connect-migration.gcfg:2]", setting.shown(companion))
        );
        // A variable that is empty takes back what the files say, as in Connect.
        let emptied = check_config(directory.path(), all, &[(&variable, "")]);
        assert!(row(&emptied, &name).starts_with(setting.default), "{}", emptied.out);
        let warning = format!(
            "warning: the environment variable {variable} is empty and overrides {name} \
             ({shown_directory}/connect.gcfg:2)\n\
             hint: unset {variable} to use the value from the file\n"
        );
        assert!(emptied.out.contains(&warning), "{}", emptied.out);
        // Nothing is taken back where nothing was said.
        let nothing = check_config(directory.path(), [None, Some("")], &[(&variable, "")]);
        assert!(row(&nothing, &name).starts_with(setting.default), "{}", nothing.out);
        assert!(!nothing.out.contains(&variable), "{}", nothing.out);
    }
}

#[test]
fn what_falls_back_falls_back_to_variables_too() {
    let directory = tempfile::tempdir().unwrap();
    let run =
        |variables: &[(&str, &str)]| check_config(directory.path(), [None, Some("")], variables);
    let ended = run(&[
        ("CONNECT_SERVER_DATADIR", "/data"),
        ("CONNECT_POSTGRES_URL", "postgres://u@h/db"),
        ("CONNECT_POSTGRES_PASSWORD", "x"),
    ]);
    ended.expect(0, &[]);
    assert_eq!(row(&ended, "SQLite.Dir"), "/data/db  [default]");
    assert_eq!(row(&ended, "Server.EncryptionKeyFile"), "/data/db/secret.key  [default]");
    assert_eq!(row(&ended, "Postgres.InstrumentationURL"), "postgres://u@h/db  [as Postgres.URL]");
    assert_eq!(
        row(&ended, "Postgres.InstrumentationPassword"),
        "(not set)  [as Postgres.Password]"
    );
    for lines in ["  from  /data/db/connect.db\n", "  from  /data/db/connect-instrumentation.db\n"]
    {
        assert!(ended.out.contains(lines), "{}", ended.out);
    }
    assert_eq!(ended.out.matches("\n  to    postgres://u@h/db\n").count(), 2, "{}", ended.out);
    let ended = run(&[
        ("CONNECT_DATABASE_DIR", "/keys"),
        ("CONNECT_POSTGRES_URL", "postgres://u:p@h/db"),
        ("CONNECT_POSTGRES_INSTRUMENTATIONPASSWORD", "y"),
    ]);
    ended.expect(0, &[]);
    assert_eq!(row(&ended, "Server.EncryptionKeyFile"), "/keys/secret.key  [default]");
    // The password of the other database stays in the URL that both share.
    assert_eq!(row(&ended, "Postgres.Password"), "(not set)  [default]");
}

#[test]
fn hints_name_variables_that_work() {
    let directory = tempfile::tempdir().unwrap();
    let run =
        |variables: &[(&str, &str)]| check_config(directory.path(), [None, Some("")], variables);
    run(&[]).expect(
        2,
        &["Postgres.URL is not set", "set the environment variable `CONNECT_POSTGRES_URL`"],
    );
    let url = ("CONNECT_POSTGRES_URL", "postgres://u:{$}@h/db");
    let placeholder = run(&[url]);
    placeholder.expect(
        2,
        &["add below [Postgres]", "  Password = PASSWORD", "`CONNECT_POSTGRES_PASSWORD`"],
    );
    run(&[url, ("CONNECT_POSTGRES_PASSWORD", "x")]).expect(0, &[]);
    let provider = run(&[url, ("CONNECT_DATABASE_PROVIDER", "mysql")]);
    provider.expect(
        2,
        &[
            "Database.Provider (environment variable CONNECT_DATABASE_PROVIDER) is neither",
            "hint: set CONNECT_DATABASE_PROVIDER to sqlite until the migration is done",
        ],
    );
    // A password of these bytes cannot be given in a variable.
    let mut command = program();
    command.args(["check-config", "--config"]).arg(directory.path().join("connect.gcfg"));
    let bytes = std::os::unix::ffi::OsStringExt::from_vec(b"p\xe4ss".to_vec());
    let bytes: std::ffi::OsString = bytes;
    command.env("CONNECT_POSTGRES_URL", "postgres://u@h/db");
    command.env("CONNECT_POSTGRES_PASSWORD", &bytes);
    Ended::of(&command.output().unwrap()).expect(
        2,
        &[
            "the environment variable CONNECT_POSTGRES_PASSWORD is not UTF-8",
            "set it in the configuration file instead",
        ],
    );
}

#[test]
fn a_variable_that_is_almost_a_setting_gets_a_warning() {
    let directory = tempfile::tempdir().unwrap();
    for (written, meant) in [
        ("CONNECT_POSTGRES_PASWORD", "CONNECT_POSTGRES_PASSWORD"),
        ("CONNECT_POSTGRES_URI", "CONNECT_POSTGRES_URL"),
        ("CONNECT_POSTGRESQL_INSTRUMENTATION_PASSWORD", "CONNECT_POSTGRES_INSTRUMENTATIONPASSWORD"),
        ("CONNECT_POSTGRES_INSTRUMENTATION_URL", "CONNECT_POSTGRES_INSTRUMENTATIONURL"),
        ("CONNECT_SERVER_ENCRYPTION_KEY_FILE", "CONNECT_SERVER_ENCRYPTIONKEYFILE"),
        ("CONNECT_SERVER_DATA_DIR", "CONNECT_SERVER_DATADIR"),
        ("CONNECT_SQLITEDIR", "CONNECT_SQLITE_DIR"),
        // Go's reader takes the names in capitals only.
        ("connect_postgres_password", "CONNECT_POSTGRES_PASSWORD"),
        ("Connect_Postgres_URL", "CONNECT_POSTGRES_URL"),
        // The prefix can be mistyped, too.
        ("CONECT_POSTGRES_PASSWORD", "CONNECT_POSTGRES_PASSWORD"),
    ] {
        let files = [None, Some("[Postgres]\nURL = postgres://u@h/db\n")];
        let ended = check_config(directory.path(), files, &[(written, "hunter2hunter2")]);
        ended.expect(0, &[]);
        let warning = format!(
            "warning: the environment variable {written} is not a known setting\n\
             hint: did you mean {meant}?\n"
        );
        assert!(ended.out.contains(&warning), "{}", ended.out);
        assert!(!ended.out.contains("hunter2") && !ended.err.contains("hunter2"));
        assert_eq!(row(&ended, "Postgres.Password"), "(not set)  [default]");
        assert!(row(&ended, "Postgres.URL").starts_with("postgres://u@h/db  ["), "{}", ended.out);
    }
}

#[test]
fn variables_of_other_meaning_are_left_alone() {
    let directory = tempfile::tempdir().unwrap();
    let files = [None, Some("[Postgres]\nURL = postgres://u@h/db\n")];
    let plain = check_config(directory.path(), files, &[]);
    plain.expect(0, &[]);
    // What Posit's client tools use, other settings of Connect, and names that are hardly any.
    let variables = [
        ("CONNECT_SERVER", "https://connect.example.com/"),
        ("CONNECT_API_KEY", "0123456789abcdef"),
        ("CONNECT_INSECURE", "1"),
        ("CONNECT_CLOUD_ENVIRONMENT", "production"),
        ("CONNECT_HTTP_LISTEN", ":3939"),
        ("CONNECT_SERVER_ADDRESS", "https://connect.example.com/"),
        ("CONNECT_SERVER_TEMPDIR", "/tmp"),
        ("CONNECT_SQLITE_BACKUP", "false"),
        ("CONNECT_SQLITE_FOREIGNKEYCONSTRAINTS", "x"),
        ("CONNECT_BOOTSTRAP_SECRETKEY", "0123456789abcdef"),
        ("CONNECT_RPACKAGEREPOSITORY_CRAN_URL", "https://cran.example.com/"),
        ("CONNECT_", "x"),
        ("CONNECT", "x"),
        ("CONNECT__", "x"),
        ("CONNECT_POSTGRES_", "x"),
        ("CONNECT__POSTGRES", "x"),
    ];
    let ended = check_config(directory.path(), files, &variables);
    assert_eq!((ended.code, ended.out, ended.err), (plain.code, plain.out, plain.err));
}

#[test]
fn values_are_taken_as_they_are() {
    let directory = tempfile::tempdir().unwrap();
    let files = [None, Some("")];
    // Neither comma nor comment sign ends a text, and no case is changed in it.
    let ended = check_config(
        directory.path(),
        files,
        &[
            ("CONNECT_SERVER_DATADIR", "/Data,x;y#z"),
            ("CONNECT_DATABASE_PROVIDER", "SQLITE"),
            ("CONNECT_POSTGRES_URL", "postgres://u@h,i/db"),
        ],
    );
    assert_eq!(
        row(&ended, "Server.DataDir"),
        "/Data,x;y#z  [environment variable CONNECT_SERVER_DATADIR]"
    );
    assert!(row(&ended, "Database.Provider").starts_with("sqlite  ["));
    assert!(row(&ended, "Postgres.URL").starts_with("postgres://u@h,i/db  ["));
    let quoted = [("CONNECT_POSTGRES_URL", "\"postgres://u@h/db\"")];
    let quoted = check_config(directory.path(), files, &quoted);
    assert!(
        quoted.out.contains("CONNECT_POSTGRES_URL: quotes are read as part of the value"),
        "{}",
        quoted.out
    );
}

/// An installation whose configuration file is empty, and two databases of one role.
struct Two {
    installation: Installation,
    urls: [String; 2],
    databases: [server::Database; 2],
}

fn two() -> Two {
    let databases = [server::database(server::shared()), server::database(server::shared())];
    let (role, first) = owned(&databases[0]);
    let grant = format!("ALTER DATABASE {} OWNER TO {role}", databases[1].name);
    server::execute(&databases[1].url, &grant);
    let second = first.replace(&databases[0].name, &databases[1].name);
    let installation = Installation::of(20, "");
    private(&installation.config, b"");
    Two { installation, urls: [first, second], databases }
}

impl Two {
    fn run(&self, words: &[&str], variables: &[(&str, &str)]) -> Ended {
        let data = self.installation.directory.path().to_str().unwrap();
        let mut command = self.installation.command(words);
        command.env("CONNECT_SERVER_DATADIR", data);
        command.env("CONNECT_POSTGRES_PASSWORD", installation::ROLE_PASSWORD);
        Ended::of(&command.envs(variables.iter().copied()).output().unwrap())
    }

    fn tables(&self) -> [bool; 2] {
        [0, 1].map(|place| tables(&self.databases[place].url) > 0)
    }
}

#[test]
fn a_run_goes_where_the_variables_say() {
    let two = two();
    let [first, second] = &two.urls;
    let url = ("CONNECT_POSTGRES_URL", first.as_str());
    two.run(&["db", "-dry-run"], &[url]).expect(0, &[]);
    assert_eq!(two.tables(), [false, false]);
    // The file names the other database, which nothing may touch.
    private(&two.installation.config, format!("[Postgres]\nURL = {second}\n").as_bytes());
    let done = two.run(&["db", "-yes"], &[url]);
    done.expect(0, &[]);
    assert_eq!(two.tables(), [true, false]);
    // Connect finds its database by the same variables only.
    assert!(
        done.out.contains(
            "These settings came from environment variables, which Connect needs as well: \
             CONNECT_SERVER_DATADIR, CONNECT_POSTGRES_URL, CONNECT_POSTGRES_PASSWORD.\n"
        ),
        "{}",
        done.out
    );
    // Each database has its own, each from another place.
    let usage = ("CONNECT_POSTGRES_INSTRUMENTATIONURL", second.as_str());
    private(&two.installation.config, format!("[Postgres]\nURL = {first}\n").as_bytes());
    two.run(&["db", "-yes", "-data", "instrumentation"], &[usage]).expect(0, &[]);
    assert_eq!(two.tables(), [true, true]);
    two.run(&["db", "-verify"], &[usage]).expect(0, &[]);
}

#[test]
fn the_provider_may_be_a_variable() {
    let two = two();
    let url = ("CONNECT_POSTGRES_URL", two.urls[0].as_str());
    let provider = ("CONNECT_DATABASE_PROVIDER", "postgres");
    let refused = two.run(&["db", "-yes"], &[url, provider]);
    refused.expect(
        2,
        &["environment variable CONNECT_DATABASE_PROVIDER: Provider is postgres already"],
    );
    assert_eq!(two.tables(), [false, false]);
    // The file's word does not count against the variable's, and the last step is another one.
    private(&two.installation.config, b"[Database]\nProvider = postgres\n");
    let sqlite = ("CONNECT_DATABASE_PROVIDER", "sqlite");
    let done = two.run(&["db", "-yes"], &[url, sqlite]);
    done.expect(0, &[]);
    assert!(done.out.contains("1. Set CONNECT_DATABASE_PROVIDER=postgres"), "{}", done.out);
}

#[test]
fn a_value_is_encrypted_with_the_key_of_a_variable() {
    let two = two();
    let key = std::fs::read_to_string(two.installation.directory.path().join("db/secret.key"));
    let key = key.unwrap();
    let value = two.installation.directory.path().join("value");
    private(&value, installation::ROLE_PASSWORD.as_bytes());
    let mut command = two.installation.command(&["encrypt-config-value"]);
    command.env("CONNECT_SERVER_ENCRYPTIONKEY", &key);
    let output = command.stdin(std::fs::File::open(&value).unwrap()).output().unwrap();
    let encrypted = Ended::of(&output);
    encrypted.expect(0, &[]);
    // The key file is where it always is; the encrypted value opens with it.
    let variables = [
        ("CONNECT_POSTGRES_URL", two.urls[0].as_str()),
        ("CONNECT_POSTGRES_PASSWORD", encrypted.out.trim_end()),
    ];
    let shown = two.run(&["check-config"], &variables);
    assert!(row(&shown, "Postgres.Password").starts_with("******** (encrypted, can be decrypted)"));
    two.run(&["db", "-dry-run"], &variables).expect(0, &[]);
}
