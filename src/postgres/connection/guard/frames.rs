//! Reads the heads of the server's messages as they pass, and decides what becomes of each.
//!
//! Notices and notifications are dropped: nobody listens to them here. An error is shortened. Rows
//! of a COPY that arrive together are passed on in one message. All else passes as it is, as long
//! as it is not more than an answer can be.

use tokio::io::ReadBuf;

use super::fields::Fields;
use super::rows::JoinedRows;
use super::{Method, Rules, Violation};

/// Bytes of a message that holds no row.
const MESSAGE_MOST: u64 = 1 << 20;

/// Bytes of all that is sent until the session is set up.
const SET_UP_MOST: u64 = 4 << 20;

/// Bytes of notices, notifications and settings since something was last asked.
const UNREQUESTED_MOST: u64 = 64 << 20;

/// Bytes of settings in all: the driver keeps each.
const SETTINGS_MOST: u64 = 1 << 20;

/// Bytes of an answer, rows of a COPY left out: the driver collects them.
const ANSWER_MOST: u64 = 256 << 20;

/// The messages of one connection.
#[derive(Debug, Default)]
pub(super) struct Frames {
    state: State,
    /// What is to be passed on before anything else, from this place on.
    ready: Vec<u8>,
    given: usize,
    is_encrypted: bool,
    is_challenged: bool,
    is_started: bool,
    unrequested: u64,
    settings: u64,
    answer: u64,
    set_up: u64,
}

#[derive(Debug)]
enum State {
    Head { bytes: [u8; 5], have: usize },
    Body { kind: u8, left: usize, fate: Fate },
}

impl Default for State {
    fn default() -> State {
        State::Head { bytes: [0; 5], have: 0 }
    }
}

/// What becomes of a message's body.
#[derive(Debug)]
enum Fate {
    Pass,
    Drop,
    /// It is read as a whole first.
    Hold(Vec<u8>),
    Shorten(Fields),
}

impl Frames {
    pub(super) fn new(is_encrypted: bool) -> Frames {
        Frames { is_encrypted, ..Frames::default() }
    }

    /// Whether the server has said that it is ready for the first statement.
    pub(super) fn is_started(&self) -> bool {
        self.is_started
    }

    /// Something is sent to the server: what it says from now on may be the answer.
    pub(super) fn note_request(&mut self) {
        self.unrequested = 0;
        self.answer = 0;
    }

    /// Passes on what `input` holds, as far as there is room for it, and says how much of it was
    /// taken.
    pub(super) fn pass_on(
        &mut self,
        input: &[u8],
        out: &mut ReadBuf<'_>,
        rules: &Rules,
    ) -> Result<usize, Violation> {
        let mut taken = 0;
        loop {
            self.give_ready(out);
            let rest = input.get(taken..).unwrap_or_default();
            if rest.is_empty() || out.remaining() == 0 {
                return Ok(taken);
            }
            taken += match self.state {
                State::Head { have: 0, .. } => match JoinedRows::find(rest, out.remaining()) {
                    Some(rows) => {
                        self.count_message(b'd', rows.taken() as u64, rules)?;
                        rows.write_to(out)
                    }
                    None => self.take_head(rest, rules)?,
                },
                State::Head { .. } => self.take_head(rest, rules)?,
                State::Body { .. } => self.take_body(rest, out, rules)?,
            };
        }
    }

    fn give_ready(&mut self, out: &mut ReadBuf<'_>) {
        let rest = self.ready.get(self.given..).unwrap_or_default();
        let piece = rest.get(..out.remaining()).unwrap_or(rest);
        out.put_slice(piece);
        self.given += piece.len();
        if self.given == self.ready.len() {
            self.ready.clear();
            self.given = 0;
        }
    }

    fn take_head(&mut self, input: &[u8], rules: &Rules) -> Result<usize, Violation> {
        let State::Head { bytes, have } = &mut self.state else { return Ok(0) };
        let room = bytes.get_mut(*have..).unwrap_or_default();
        let taken = room.len().min(input.len());
        room.iter_mut().zip(input).for_each(|(place, byte)| *place = *byte);
        *have += taken;
        if *have < bytes.len() {
            return Ok(taken);
        }
        let head = *bytes;
        let [kind, length @ ..] = head;
        let body = u32::from_be_bytes(length).checked_sub(4).ok_or(Violation::MessageLength)?;
        let left = usize::try_from(body).map_err(|_| Violation::MessageLength)?;
        self.count_message(kind, u64::from(body) + 5, rules)?;
        let fate = match kind {
            b'N' | b'A' => Fate::Drop,
            b'E' => Fate::Shorten(Fields::default()),
            b'R' => Fate::Hold(head.to_vec()),
            _ => {
                self.ready.extend_from_slice(&head);
                Fate::Pass
            }
        };
        self.state = State::Body { kind, left, fate };
        if left == 0 {
            self.end_message(rules)?;
        }
        Ok(taken)
    }

    fn take_body(
        &mut self,
        input: &[u8],
        out: &mut ReadBuf<'_>,
        rules: &Rules,
    ) -> Result<usize, Violation> {
        let State::Body { left, fate, .. } = &mut self.state else { return Ok(0) };
        let most = match fate {
            Fate::Pass => (*left).min(out.remaining()),
            _ => *left,
        };
        let piece = input.get(..most).unwrap_or(input);
        match fate {
            Fate::Pass => out.put_slice(piece),
            Fate::Drop => {}
            Fate::Hold(message) => message.extend_from_slice(piece),
            Fate::Shorten(fields) => fields.append(piece),
        }
        *left -= piece.len();
        if *left == 0 {
            self.end_message(rules)?;
        }
        Ok(piece.len())
    }

    fn end_message(&mut self, rules: &Rules) -> Result<(), Violation> {
        let State::Body { kind, fate, .. } = std::mem::take(&mut self.state) else { return Ok(()) };
        match fate {
            Fate::Pass | Fate::Drop => {}
            Fate::Hold(message) => {
                self.check_authentication(&message, rules)?;
                self.ready = message;
            }
            Fate::Shorten(fields) => self.ready = fields.into_message(kind),
        }
        Ok(())
    }

    /// Counts a message of this length before any of it is kept.
    fn count_message(&mut self, kind: u8, length: u64, rules: &Rules) -> Result<(), Violation> {
        let add = |sum: &mut u64, most: u64, violation: Violation| {
            *sum += length;
            if *sum <= most { Ok(()) } else { Err(violation) }
        };
        // An error is shortened, however long it is.
        if kind == b'E' {
            return Ok(());
        }
        if matches!(kind, b'N' | b'A' | b'S') {
            add(&mut self.unrequested, UNREQUESTED_MOST, Violation::Unrequested)?;
        } else if !matches!(kind, b'D' | b'd') && length > MESSAGE_MOST {
            return Err(Violation::MessageLength);
        }
        match kind {
            b'N' | b'A' => return Ok(()),
            b'S' => add(&mut self.settings, SETTINGS_MOST, Violation::Unrequested)?,
            b'd' => {}
            _ => add(&mut self.answer, ANSWER_MOST, Violation::Answer)?,
        }
        if !rules.is_set_up() {
            add(&mut self.set_up, SET_UP_MOST, Violation::Answer)?;
        }
        self.is_started |= kind == b'Z';
        Ok(())
    }

    /// Looks at a request for authentication before the driver answers it.
    fn check_authentication(&mut self, message: &[u8], rules: &Rules) -> Result<(), Violation> {
        let code = message.get(5..).and_then(|body| body.first_chunk().copied());
        let method = match code.map(u32::from_be_bytes) {
            Some(0) if !self.is_challenged => Method::None,
            Some(3) => Method::Password,
            Some(5) => Method::Md5,
            Some(10) => Method::Scram,
            _ => return Ok(()),
        };
        self.is_challenged = true;
        if !rules.methods.takes(method) {
            return Err(Violation::Method(method));
        }
        let is_plain = method == Method::Password && !self.is_encrypted;
        match is_plain && !rules.methods.names_password {
            true => Err(Violation::PlainPassword),
            false => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Losses, RequiredMethods};
    use super::*;

    fn make_message(kind: u8, body: &[u8]) -> Vec<u8> {
        let mut bytes = vec![kind];
        bytes.extend((body.len() as u32 + 4).to_be_bytes());
        bytes.extend(body);
        bytes
    }

    /// What is passed on of `input`, which arrives in pieces and is taken in small ones.
    fn passed_bytes(frames: &mut Frames, input: &[u8], piece: usize) -> Result<Vec<u8>, Violation> {
        let rules = Rules::default();
        let mut all = Vec::new();
        for mut piece in input.chunks(piece) {
            loop {
                let mut room = [0; 7];
                let mut out = ReadBuf::new(&mut room);
                let taken = frames.pass_on(piece, &mut out, &rules)?;
                piece = &piece[taken..];
                all.extend(out.filled());
                if out.filled().is_empty() {
                    break;
                }
            }
        }
        Ok(all)
    }

    #[test]
    fn messages_pass_however_they_are_cut() {
        let kept = [
            make_message(b'S', b"server_version\x0018\0"),
            make_message(b'Z', b"I"),
            make_message(b'1', b""),
            make_message(b'D', &[7; 100]),
            make_message(b'E', b"C22P02\0\0"),
            make_message(b'd', b"row"),
        ];
        let mut sent = kept.concat();
        sent.splice(0..0, make_message(b'N', b"SNOTICE\0\0"));
        sent.extend(make_message(b'A', b"1234channel\0payload\0"));
        for piece in 1..sent.len() {
            let mut frames = Frames::new(false);
            assert_eq!(passed_bytes(&mut frames, &sent, piece).unwrap(), kept.concat(), "{piece}");
            assert!(frames.is_started());
        }
    }

    #[test]
    fn lengths_that_cannot_be_are_refused() {
        for head in [b"R\x7f\xff\xff\xff".as_slice(), b"R\0\0\0\x03", b"HTTP/1.1"] {
            let violation = passed_bytes(&mut Frames::new(false), head, 100).unwrap_err();
            assert_eq!(violation, Violation::MessageLength);
        }
    }

    #[test]
    fn what_nobody_asked_for_is_bounded_until_something_is_asked() {
        let notice = make_message(b'N', &[b'n'; 1 << 20]);
        let mut frames = Frames::new(false);
        let send = |frames: &mut Frames| passed_bytes(frames, &notice, 1 << 16);
        for _ in 0..63 {
            assert_eq!(send(&mut frames), Ok(Vec::new()));
        }
        frames.note_request();
        for _ in 0..63 {
            assert_eq!(send(&mut frames), Ok(Vec::new()));
        }
        assert_eq!(send(&mut frames), Err(Violation::Unrequested));
    }

    #[test]
    fn settings_and_rows_are_bounded() {
        let ends = |kind: u8| {
            let (mut frames, sent) = (Frames::new(false), make_message(kind, &[0; 100_000]));
            (0..100).find_map(|_| passed_bytes(&mut frames, &sent, 1 << 16).err())
        };
        assert_eq!(ends(b'S'), Some(Violation::Unrequested));
        assert_eq!(ends(b'D'), Some(Violation::Answer));
        assert_eq!(ends(b'T'), Some(Violation::Answer));
    }

    #[test]
    fn passwords_are_not_asked_for_in_the_clear() {
        let request = |code: u32| make_message(b'R', &code.to_be_bytes());
        let asked = |is_encrypted: bool, methods: &str, code: u32| {
            let methods = RequiredMethods::parse(methods).unwrap_or_default();
            let (mut room, rules) = ([0; 100], Rules::new(methods, None, Losses::default()));
            let mut out = ReadBuf::new(&mut room);
            Frames::new(is_encrypted).pass_on(&request(code), &mut out, &rules).map(|_| ())
        };
        assert_eq!(asked(false, "", 3), Err(Violation::PlainPassword));
        assert_eq!(asked(false, "!md5", 3), Err(Violation::PlainPassword));
        assert_eq!(asked(true, "", 3), Ok(()));
        assert_eq!(asked(false, "password", 3), Ok(()));
        assert_eq!(asked(false, "", 5), Ok(()));
        assert_eq!(asked(false, "scram-sha-256", 5), Err(Violation::Method(Method::Md5)));
        assert_eq!(asked(false, "scram-sha-256", 0), Err(Violation::Method(Method::None)));
        assert_eq!(asked(false, "scram-sha-256,none", 0), Ok(()));
    }
}
