//! Texts as people and programs write them.

use super::hints::Hint;
use super::random::Dice;

const LOWER: &[u8] = b"abcdefghijklmnopqrstuvwxyz0123456789";
const MIXED: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
const HEX: &[u8] = b"0123456789abcdef";
/// Below the point from which a b-tree entry of PostgreSQL can be too large: never in an index.
const LONG: usize = 100_000;

/// Which text, and how far it may go.
#[derive(Clone, Copy, Debug)]
pub struct Wanted {
    /// How it looks.
    pub hint: Hint,
    /// The most characters.
    pub limit: Option<usize>,
    /// The row, where no other row may have the same text.
    pub unique: Option<u64>,
    /// The row.
    pub row: u64,
    /// A place that is the same for all columns of the row.
    pub paired: u64,
}

/// Makes a text.
pub fn text(wanted: Wanted, dice: &mut Dice) -> String {
    let Wanted { hint, limit, unique, row, paired } = wanted;
    if matches!(hint, Hint::Key) {
        return key(limit.unwrap_or(16), unique, dice);
    }
    let mut made = if unique.is_none() && may_be_empty(hint) && dice.one_in(19) {
        String::new()
    } else if matches!(hint, Hint::Long) {
        lines(if row % 1_024 == 5 { LONG } else { 400 }, dice)
    } else {
        plain(hint, limit, paired, dice)
    };
    let suffix = unique.map(|row| suffix(hint, row)).unwrap_or_default();
    if let Some(limit) = limit {
        clip(&mut made, limit.saturating_sub(suffix.len()));
    }
    made + &suffix
}

fn may_be_empty(hint: Hint) -> bool {
    matches!(
        hint,
        Hint::Any
            | Hint::Title
            | Hint::Sentence
            | Hint::Long
            | Hint::Email
            | Hint::Last
            | Hint::Agent
            | Hint::First
    )
}

/// What makes a text unique also after `lower()` and without trailing spaces.
fn suffix(hint: Hint, row: u64) -> String {
    match hint {
        Hint::Path => format!("{row}/"),
        Hint::Variable => format!("_{row}"),
        Hint::Title | Hint::Sentence | Hint::Any => format!(" {row}"),
        _ => format!("-{row}"),
    }
}

/// At most so many characters, and no space at the end that a `char(n)` would lose.
fn clip(text: &mut String, limit: usize) {
    if let Some((end, _)) = text.char_indices().nth(limit) {
        text.truncate(end);
        text.truncate(text.trim_end().len());
    }
}

/// Random letters and digits. Unique ones end in the row's number, turned about so that it does not
/// look like one: multiplying by what has no factor in common with 36 gives no number twice.
fn key(length: usize, unique: Option<u64>, dice: &mut Dice) -> String {
    let Some(row) = unique else { return dice.letters(length, MIXED) };
    let mut tail = String::new();
    let mut rest = row.wrapping_mul(1_234_567_891) % 36_u64.pow(6);
    for _ in 0..6 {
        let digit = usize::try_from(rest % 36).ok().and_then(|digit| LOWER.get(digit));
        tail.extend(digit.map(|byte| char::from(*byte)));
        rest /= 36;
    }
    dice.letters(length.min(24).saturating_sub(tail.len()), LOWER) + &tail
}

fn plain(hint: Hint, limit: Option<usize>, paired: u64, dice: &mut Dice) -> String {
    let n = dice.below(90) + 1;
    match hint {
        Hint::Any | Hint::Title => title(dice),
        Hint::Sentence => sentence(dice),
        Hint::Slug => format!("{}-{}", dice.pick(PLACES), dice.pick(THINGS)),
        Hint::Username => format!("{}.{}", dice.pick(FIRST), dice.pick(LAST)).to_lowercase(),
        Hint::Email => format!("{}{n}@{}.example", dice.pick(MAIL), dice.pick(PLACES)),
        Hint::First => dice.pick(FIRST).to_owned(),
        Hint::Last => dice.pick(LAST).to_owned(),
        Hint::Host => format!("connect-{n:02}.{}.internal", dice.pick(PLACES)),
        Hint::Path => format!("/{}/{}/", dice.pick(PLACES), dice.pick(THINGS)),
        Hint::Url => format!("https://git.example/{}/{n}?a=1&b=%20#c", dice.pick(THINGS)),
        Hint::Version => format!("{}.{}.{}", 3 + n % 2, n % 14, n % 5),
        Hint::Image => format!("registry.example:5000/{}:jammy-{n}", dice.pick(THINGS)),
        Hint::Agent => format!("{} Build/{n}.0", dice.pick(AGENTS)),
        Hint::Hex => dice.letters(limit.unwrap_or(40), HEX),
        Hint::Variable => format!("{}_{}", dice.pick(THINGS), dice.pick(PLACES)).to_uppercase(),
        Hint::Package => dice.pick(PACKAGES).to_owned(),
        Hint::Bcrypt => format!("$2a$10${}", dice.letters(53, MIXED)),
        Hint::Base64 => dice.letters(43, MIXED) + "=",
        Hint::OneOf(texts) => dice.pick(texts).to_owned(),
        Hint::Paired(texts) => {
            let place = usize::try_from(paired).unwrap_or_default() % texts.len().max(1);
            texts.get(place).copied().unwrap_or_default().to_owned()
        }
        Hint::Json(templates) => json(templates, dice),
        Hint::Range(low, high) => dice.between(low, high).to_string(),
        Hint::Long | Hint::Key | Hint::Guid | Hint::Cell(..) | Hint::ZeroOr(..) => title(dice),
    }
}

/// A JSON text from one of several patterns.
pub fn json(templates: &[&'static str], dice: &mut Dice) -> String {
    let mut parts = dice.pick(templates).split('%');
    let mut made = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let mut letters = part.chars();
        match letters.next() {
            Some('n') => made.push_str(&(dice.below(5_000) + 1).to_string()),
            Some('t') => made.push_str(&quoted(&title(dice))),
            Some('p') => made.push_str(&quoted(&plain(Hint::Path, None, 0, dice))),
            Some('a') => made.push_str(&quoted(&plain(Hint::Agent, None, 0, dice))),
            other => {
                made.push('%');
                made.extend(other);
            }
        }
        made.push_str(letters.as_str());
    }
    made
}

fn quoted(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}

fn title(dice: &mut Dice) -> String {
    if dice.one_in(3) {
        dice.pick(TITLES).to_owned()
    } else {
        format!("{} of {} {}", dice.pick(THINGS), dice.pick(PLACES), 2_015 + dice.below(12))
    }
}

fn sentence(dice: &mut Dice) -> String {
    let (first, last) = (dice.pick(FIRST), dice.pick(LAST));
    let end = if dice.one_in(9) { dice.pick(TITLES) } else { "" };
    format!("{first} {last} {} {}. {end}", dice.pick(DEEDS), dice.pick(THINGS))
}

fn lines(length: usize, dice: &mut Dice) -> String {
    let mut made = String::with_capacity(length + 200);
    while made.len() < length {
        made.push_str(&sentence(dice));
        made.push('\n');
    }
    made
}

const FIRST: &[&str] = &[
    "Ada", "Björn", "Chloé", "Dmitri", "Eun-ji", "Farid", "Gül", "Hana", "Íris", "João", "Kwame",
    "Łucja", "Mei", "Nia", "Ólafur", "Priya", "Quentin", "Rosa", "Søren", "Thu", "Uwe", "Zoë",
];
const LAST: &[&str] = &[
    "Abebe",
    "Brontë",
    "Castro",
    "D'Angelo",
    "Eriksson",
    "Fischer",
    "García-Márquez",
    "Hồ",
    "Ito",
    "Jansen",
    "Kowalski",
    "Lefèvre",
    "Müller",
    "Nguyễn",
    "O'Brien",
    "Petrova",
    "Ångström",
    "Šimić",
];
const MAIL: &[&str] = &["ada", "b.olsen", "chloe+reports", "d_ito", "first.last", "o'brien", "x"];
const PLACES: &[&str] =
    &["basel", "lima", "nairobi", "oslo", "porto", "quito", "riga", "sapporo", "tartu", "utrecht"];
const THINGS: &[&str] = &[
    "admissions",
    "budget",
    "churn",
    "deliveries",
    "energy",
    "forecast",
    "growth",
    "inventory",
    "margins",
    "quality",
    "returns",
    "sales",
    "tickets",
    "weather",
    "yield",
];
const DEEDS: &[&str] = &[
    "changed the \"owner\" of",
    "deployed",
    "logged in to see",
    "removed a tag from",
    "renamed",
    "could not open 'C:\\data' for",
    "set 100 % of the permissions of",
    "scheduled",
];
const TITLES: &[&str] = &[
    "Verkäufe über Köln — Übersicht",
    "売上ダッシュボード 2024年度",
    "东部地区 库存",
    "판매 보고서",
    "لوحة المبيعات",
    "דוח מכירות",
    "Прогноз спроса",
    "Αναφορά πωλήσεων",
    "📈 Growth 🚀 (β)",
    "👩‍🔬 Lab results 🇳🇴",
    "He said \"it's fine\"",
    "O'Neil's 5\" pipes; DROP TABLE apps;--",
    "C:\\temp\\new\\report",
    "a \\\\N and a \\. of COPY's text form",
    "two\nlines",
    "three\r\nwith\ttabs\r\n",
    "  spaces around  ",
    "e\u{301} composed, é ready-made",
    "\u{200b}zero\u{200d}width\u{feff}",
    "NULL",
    "\\N",
    "0123",
    "1e5",
    "true",
    "{not json",
    "𝒜𝓁𝓁 𝓅𝓁𝒶𝓃𝑒𝓈 𠜎",
    "%s %d $1 ?1 :name @x {{mustache}}",
    "<b onclick=\"x('y')\">bold</b> &amp;",
    "\u{1}\u{1f}\u{7f} controls",
];
const PACKAGES: &[&str] = &[
    "dplyr",
    "ggplot2",
    "shiny",
    "rmarkdown",
    "data.table",
    "numpy",
    "pandas",
    "scikit-learn",
    "Flask",
    "python-dateutil",
    "jsonlite",
    "Rcpp",
    "zope.interface",
    "stringi",
];
const AGENTS: &[&str] = &[
    "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0",
    "Mozilla/5.0 (Macintosh; Intel Mac OS X 14_5) AppleWebKit/605.1.15 Safari/605.1.15",
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/126.0.0.0",
    "curl/8.5.0",
    "python-requests/2.32.3",
];
