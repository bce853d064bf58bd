//! What columns and tables hold, by name: the only place of the sample that knows names.
//!
//! A table of data. Everything here is for the eye; without a hint a column gets values that its
//! type allows, and a table some rows.

/// What a column's values look like.
#[derive(Clone, Copy, Debug)]
pub enum Hint {
    /// Whatever the type allows, its extremes among it.
    Any,
    /// A title as people write them, in all scripts.
    Title,
    /// A sentence or two, with quotes, backslashes and line breaks.
    Sentence,
    /// Lines of a log; now and then 100 kB of them.
    Long,
    /// A short name for machines.
    Slug,
    /// A log-in name.
    Username,
    /// A mail address.
    Email,
    /// A first name.
    First,
    /// A last name.
    Last,
    /// A server's name.
    Host,
    /// A path of an address, with slashes at both ends.
    Path,
    /// An address.
    Url,
    /// `4.3.1` and the like.
    Version,
    /// A container image.
    Image,
    /// A browser's name for itself.
    Agent,
    /// Random letters and digits, as many as the type says, else 16.
    Key,
    /// Random hexadecimal digits, as many as the type says, else 40.
    Hex,
    /// The name of an environment variable.
    Variable,
    /// A package's name.
    Package,
    /// The row's own RFC 4122 id.
    Guid,
    /// A bcrypt hash.
    Bcrypt,
    /// Base64.
    Base64,
    /// One of these.
    OneOf(&'static [&'static str]),
    /// One of these, the same place in all such columns of a row.
    Paired(&'static [&'static str]),
    /// One of these JSON texts: `%n` becomes a number, `%t` a title, `%p` a path, `%a` a
    /// browser's name, the last three quoted.
    Json(&'static [&'static str]),
    /// A whole number from the first to the second.
    Range(i64, i64),
    /// What some row of that table has in that column.
    Cell(&'static str, &'static str),
    /// The same, or 0 for none.
    ZeroOr(&'static str, &'static str),
}

/// How many rows a table gets.
#[derive(Clone, Copy, Debug)]
pub enum Rows {
    /// None; the second number is how many there were before they were deleted.
    None(u64),
    /// So many.
    Fixed(u64),
    /// So many for 1,000 rows of the option; a weight where the option is shared out.
    Share(u64),
}

use Hint::{
    Agent, Base64, Bcrypt, Cell, Email, First, Guid, Hex, Host, Image, Json, Key, Last, Long,
    OneOf, Package, Paired, Path, Range, Sentence, Slug, Title, Url, Username, Variable, Version,
    ZeroOr,
};

/// The file of each database, and whether its rows are the option's number in all.
pub const FILES: &[(&str, &str, bool)] = &[
    ("connect/core", "connect.db", false),
    ("connect/instrumentation", "connect-instrumentation.db", true),
];

/// Tables that are not left to chance.
pub const TABLES: &[(&str, Rows)] = &[
    ("app_environment_variables", Rows::Share(8)),
    ("app_tags", Rows::Share(6)),
    ("apps", Rows::Share(6)),
    ("audit_log", Rows::Share(300)),
    ("bundles", Rows::Share(24)),
    ("content_hits", Rows::Share(2)),
    ("custom_documentation", Rows::Fixed(1)),
    ("group_members", Rows::Share(8)),
    ("job_errors", Rows::Share(12)),
    ("job_kill_orders", Rows::None(12)),
    ("jobs", Rows::Share(250)),
    ("key_check", Rows::Fixed(1)),
    ("node_drains", Rows::None(0)),
    ("nodes", Rows::Fixed(20)),
    ("packages", Rows::Share(120)),
    ("permissions", Rows::Share(10)),
    ("principals", Rows::Share(6)),
    ("queue_events", Rows::Share(15)),
    ("renderings", Rows::Share(60)),
    ("rmd_and_static_hits", Rows::Share(5)),
    ("server_settings", Rows::Fixed(40)),
    ("shiny_app_usage", Rows::Share(3)),
    ("users", Rows::Share(4)),
    ("variants", Rows::Share(10)),
];

/// The rows of every other table.
pub const OTHER_TABLES: Rows = Rows::Share(2);

/// Ids do not begin at 1 everywhere.
pub const FIRST_IDS: &[(&str, i64)] =
    &[("jobs", 40_000_001), ("rmd_and_static_hits", 8_999_001), ("bundles", 401_171)];

/// Columns, `table.column` before `column`; the first match counts.
pub const COLUMNS: &[(&str, Hint)] = &[
    ("api_keys.key_suffix", Key),
    ("api_keys.name", Title),
    ("app_environment_variables.name", Variable),
    ("apps.name", Slug),
    ("environments.name", Image),
    ("job_errors.code", Slug),
    ("packages.name", Package),
    ("schedule.schedule", Paired(SCHEDULES)),
    ("schedule.type", Paired(SCHEDULE_TYPES)),
    ("server_settings.name", Slug),
    ("server_settings.value", Sentence),
    ("tasks.id", Key),
    ("tasks.output", Json(LINES)),
    ("tokens.public_key", Base64),
    ("api_keys.user_role", OneOf(&["viewer", "publisher", "administrator"])),
    ("users.user_role", OneOf(&["viewer", "publisher", "administrator"])),
    ("user_preferences.value", Json(VALUES)),
    ("access_type", OneOf(&["all", "logged_in", "acl"])),
    ("action", OneOf(ACTIONS)),
    ("active", Range(0, 5_000)),
    ("amd_gpu_limit", Range(0, 8)),
    ("app_guid", Cell("apps", "guid")),
    ("app_mode", Range(0, 20)),
    ("app_role", OneOf(&["viewer", "owner"])),
    ("archive_md5", Hex),
    ("archive_sha1", Hex),
    ("auth_type", OneOf(&["Viewer", "Service Account", "Visitor API Key"])),
    ("branch", OneOf(&["main", "develop", "release/2024-q3", "fix/«quoted»"])),
    ("build_status", Range(0, 3)),
    ("bundle_id", ZeroOr("bundles", "id")),
    ("cluster", OneOf(&["Local", "Kubernetes", "Slurm"])),
    ("cluster_name", OneOf(&["Local", "Kubernetes", "Slurm"])),
    ("client_name", Title),
    ("code", Range(-1, 127)),
    ("config", Json(CONFIGS)),
    ("connection_timeout", Range(0, 86_400)),
    ("connections", Range(0, 500)),
    ("content", Long),
    ("content_category", OneOf(&["", "pin", "plot", "site"])),
    ("content_guid", Cell("apps", "guid")),
    ("cpu_limit", Range(0, 64)),
    ("cpu_request", Range(0, 64)),
    ("data", Json(HITS)),
    ("data_version", Range(0, 3)),
    ("default_environment_guid", Cell("environments", "guid")),
    ("default_image_name", Image),
    ("description", Sentence),
    ("directory", OneOf(&[".", "apps/sales", "berichte/überblick", "src\\win"])),
    ("email", Email),
    ("environment_guid", Cell("environments", "guid")),
    ("environment_json", Json(VALUES)),
    ("environment_type", OneOf(&["Local", "Kubernetes"])),
    ("error", Sentence),
    ("event", OneOf(&["queued", "picked", "started", "done", "dropped"])),
    ("event_description", Sentence),
    ("first_name", First),
    ("gid", Base64),
    ("guid", Guid),
    ("hash", Hex),
    ("help_url", Url),
    ("hostname", Host),
    ("idle_timeout", Range(0, 86_400)),
    ("image", Image),
    ("image_name", Image),
    ("init_timeout", Range(0, 86_400)),
    ("job_key", Cell("jobs", "key")),
    ("job_type", OneOf(JOB_TAGS)),
    ("key", Key),
    ("key_hash", Bcrypt),
    ("language", OneOf(&["r", "python", "quarto", "nodejs"])),
    ("language_version", Version),
    ("last", Range(0, 5_000)),
    ("last_error", Long),
    ("last_known_commit", Hex),
    ("last_name", Last),
    ("load_factor", Range(0, 1)),
    ("lockfile", Long),
    ("locked_message", Sentence),
    ("managed_by", OneOf(&["", "declared", "operator"])),
    ("max_conns_per_process", Range(1, 500)),
    ("max_processes", Range(1, 40)),
    ("memory_bytes", Range(0, 1 << 36)),
    ("memory_limit", Range(0, 1 << 38)),
    ("memory_request", Range(0, 1 << 36)),
    ("min_processes", Range(0, 5)),
    ("name", Title),
    ("output", Long),
    ("named", Range(0, 5_000)),
    ("nfs_host", Host),
    ("nvidia_gpu_limit", Range(0, 8)),
    ("owner_id", ZeroOr("users", "id")),
    ("parameters", Json(PARAMETERS)),
    ("path", Path),
    ("path_prefix", Path),
    ("pid", Range(2, 4_194_303)),
    ("position", Range(0, 30)),
    ("ppid", Range(1, 4_194_303)),
    ("provider_key", Base64),
    ("process_id", Range(2, 4_194_303)),
    ("py_version", Version),
    ("quarto_version", Version),
    ("queue_name", OneOf(&["", "default", "render", "git-poll", "packages"])),
    ("r_version", Version),
    ("read_timeout", Range(0, 86_400)),
    ("reason", Sentence),
    ("remote_id", Base64),
    ("render_duration", Range(900_000, 3_600_000_000_000)),
    ("rendering_id", Cell("renderings", "id")),
    ("repository_url", Url),
    ("result", Json(RESULTS)),
    ("role", OneOf(&["viewer", "publisher", "administrator"])),
    ("run_as", OneOf(&["rstudio-connect", "shiny", "svc_reports", "jürgen"])),
    ("seats_used", Range(0, 100)),
    ("service_account_name", Slug),
    ("size", Range(0, 1 << 40)),
    ("source", OneOf(&["git", "", "cli"])),
    ("source_branch", OneOf(&["main", "develop", "release/2024-q3"])),
    ("source_commit", Hex),
    ("source_repo", Url),
    ("status", Range(0, 2)),
    ("summary", Sentence),
    ("supervisor", OneOf(&["", "/opt/bin/wrap.sh --nice", "env X=\"a b\" nice -n 5"])),
    ("tag", OneOf(JOB_TAGS)),
    ("template", OneOf(&["custom", "github", "azure", "snowflake", "salesforce"])),
    ("timezone", OneOf(&["UTC", "Europe/Berlin", "America/New_York", "Asia/Kathmandu"])),
    ("title", Title),
    ("token", Key),
    ("user_agent", Agent),
    ("user_description", Email),
    ("user_guid", Cell("users", "guid")),
    ("user_id", ZeroOr("users", "id")),
    ("user_role", Range(1, 3)),
    ("username", Username),
    ("value", Json(VALUES)),
    ("variant_id", ZeroOr("variants", "id")),
    ("variant_key", Cell("variants", "key")),
    ("version", Version),
    ("visibility", OneOf(&["public", "private"])),
    ("volume_type", OneOf(&["nfs", "pvc"])),
];

const ACTIONS: &[&str] = &[
    "user_login",
    "user_logout",
    "add_user",
    "edit_user",
    "lock_user",
    "add_group",
    "add_group_member",
    "add_app",
    "edit_app",
    "delete_app",
    "add_bundle",
    "deploy_bundle",
    "add_vanity",
    "edit_app_acl",
    "create_api_key",
    "delete_api_key",
    "edit_tag",
    "change_owner",
];

const JOB_TAGS: &[&str] = &[
    "unknown",
    "build_report",
    "build_site",
    "build_jupyter",
    "packrat_restore",
    "python_restore",
    "configure_report",
    "run_app",
    "run_api",
    "run_tensorflow",
    "run_python_api",
    "run_dash_app",
    "run_streamlit",
    "run_bokeh_app",
    "run_fastapi_app",
    "run_pyshiny_app",
    "render_shiny",
    "run_voila_app",
    "testing",
    "git",
    "val_py_ext_pkg",
    "val_r_ext_pkg",
    "val_r_install",
];

const SCHEDULE_TYPES: &[&str] = &[
    "minute",
    "hour",
    "day",
    "weekday",
    "week",
    "dayofweek",
    "semimonth",
    "dayofmonth",
    "dayweekofmonth",
    "year",
];

const SCHEDULES: &[&str] = &[
    r#"{"N":30}"#,
    r#"{"N":1}"#,
    r#"{ "N": 2 }"#,
    "{}",
    r#"{"N":1}"#,
    r#"{"Days":[0,6]}"#,
    r#"{"First":true}"#,
    r#"{"N":1,"Day":15}"#,
    r#"{"N":1,"Day":3,"Week":2}"#,
    r#"{"N":1}"#,
];

const VALUES: &[&str] = &[
    "true",
    "false",
    "null",
    "\"r\"",
    "%n",
    "-%n.50",
    "1e3",
    "[]",
    "{}",
    "%t",
    r#"{"hide_jump_start": true, "n": %n}"#,
    r#"[1, 2.50, "drei", null, {"vier": [%n]}]"#,
    r#"{"note": %t, "escaped": "tab\t\u00e9\ud83d\ude00\/"}"#,
    " { \"spaced\" : [ 1 , 2 ] }\n",
];

const CONFIGS: &[&str] = &[
    r#"{"auth_mode":"Confidential","client_id":"c%n","scopes":"read:user","use_pkce":true}"#,
    r#"{"auth_mode":"Public","authorization_uri":"https://id.example/a?x=%n&y=\"z\""}"#,
    r#"{"client_id":"c%n","label":%t,"token_endpoint_auth_method":"client_secret_post"}"#,
    "{}",
];

const HITS: &[&str] = &[
    r#"{"path":%p,"user_agent":%a}"#,
    r#"{"path":%p,"user_agent":%a}"#,
    r#"{"path":null,"user_agent":%a}"#,
    r#"{"path":%p,"user_agent":null}"#,
    "{}",
];

const PARAMETERS: &[&str] = &[
    r#"{"region":%t,"year":%n}"#,
    r#"{"from":"2024-01-01","limit":%n.250,"flags":[true,false]}"#,
    "{}",
    r#"{"nested":{"a":{"b":{"c":[[],{},%n]}}}}"#,
];

const LINES: &[&str] = &[
    r#"["Bundle created with R version 4.3.1", %t, ""]"#,
    "[]",
    r#"["%n %", "\u001b[1m%n\u001b[0m"]"#,
];

const RESULTS: &[&str] =
    &[r#"{"type":"","data":null}"#, r#"{"type":"app","data":{"id":%n,"title":%t}}"#, "[]"];
