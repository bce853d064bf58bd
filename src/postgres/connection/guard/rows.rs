//! Joins the rows of a COPY that have arrived together.
//!
//! The server sends a message for each row, and what the driver does for a message takes longer
//! than reading a row. Where one row ends and the next begins is said by the rows themselves.

use tokio::io::ReadBuf;

/// Bytes of a message's kind and length.
const HEAD: usize = 5;

/// Complete `CopyData` messages, one behind the other.
#[derive(Debug)]
pub(super) struct JoinedRows<'a> {
    messages: &'a [u8],
    /// The length of the message that holds them all, as it is written.
    length: u32,
}

impl<'a> JoinedRows<'a> {
    /// The messages with which `input` begins, where they are several and have room as one.
    pub(super) fn find(input: &'a [u8], room: usize) -> Option<JoinedRows<'a>> {
        let room = room.checked_sub(HEAD)?;
        let (mut rest, mut bytes, mut count) = (input, 0_usize, 0_usize);
        while let Some((row, after)) = split_row(rest).filter(|(row, _)| bytes + row.len() <= room)
        {
            (rest, bytes, count) = (after, bytes + row.len(), count + 1);
        }
        let length = u32::try_from(bytes + 4).ok().filter(|_| count > 1)?;
        Some(JoinedRows { messages: input.get(..input.len() - rest.len())?, length })
    }

    /// The bytes of the messages.
    pub(super) fn taken(&self) -> usize {
        self.messages.len()
    }

    /// Writes them as one message, and returns the bytes that they took.
    pub(super) fn write_to(&self, out: &mut ReadBuf<'_>) -> usize {
        out.put_slice(b"d");
        out.put_slice(&self.length.to_be_bytes());
        let mut rest = self.messages;
        while let Some((row, after)) = split_row(rest) {
            out.put_slice(row);
            rest = after;
        }
        self.taken()
    }
}

/// The row of the `CopyData` message with which `input` begins, when all of it has arrived, and
/// what follows.
fn split_row(input: &[u8]) -> Option<(&[u8], &[u8])> {
    let ([b'd', length @ ..], rest) = input.split_first_chunk::<HEAD>()? else { return None };
    let body = u32::from_be_bytes(*length).checked_sub(4)?;
    rest.split_at_checked(usize::try_from(body).ok()?)
}

#[cfg(test)]
mod tests {
    use super::super::Rules;
    use super::super::frames::Frames;
    use super::*;

    fn make_message(kind: u8, body: &[u8]) -> Vec<u8> {
        let length = body.len() as u32 + 4;
        [&[kind], length.to_be_bytes().as_slice(), body].concat()
    }

    /// Whatever the pieces and the room: the rows pass in their order, in no more messages, and
    /// what follows them as it is.
    #[test]
    fn rows_that_arrive_together_are_passed_on_together() {
        let rows: Vec<Vec<u8>> = (0..40_u8).map(|row| vec![row; usize::from(row) % 9]).collect();
        let end =
            [make_message(b'c', b""), make_message(b'C', b"COPY 40\0"), make_message(b'Z', b"I")]
                .concat();
        let mut sent: Vec<u8> = rows.iter().flat_map(|row| make_message(b'd', row)).collect();
        sent.extend(&end);
        for (piece, room) in [(1, 7), (13, 7), (64, 20), (64, 64), (1000, 64), (1000, 4096)] {
            let (mut frames, mut passed) = (Frames::new(false), Vec::new());
            for mut piece in sent.chunks(piece) {
                while !piece.is_empty() {
                    let mut room = vec![0; room];
                    let mut out = ReadBuf::new(&mut room);
                    let taken = frames.pass_on(piece, &mut out, &Rules::default()).unwrap();
                    piece = &piece[taken..];
                    passed.extend(out.filled());
                }
            }
            let mut rest = passed.as_slice();
            let (mut joined, mut messages) = (Vec::<u8>::new(), 0);
            while let Some((row, after)) = split_row(rest) {
                joined.extend(row);
                (rest, messages) = (after, messages + 1);
            }
            let at = format!("pieces of {piece}, room for {room}");
            assert_eq!(joined, rows.concat(), "{at}");
            assert_eq!(rest, end, "{at}");
            assert!(messages <= rows.len(), "{at}: {messages}");
            assert!(messages < rows.len() || room < 4096, "{at}: {messages}");
        }
    }
}
