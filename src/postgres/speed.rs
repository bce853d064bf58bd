//! How fast a server and the line to it are, measured by three short read-only queries.

use std::time::{Duration, Instant};

use postgres::{Client, Error};

use super::direct::DirectQueries as _;

/// Rows that the server sorts to show how fast it builds indexes. They fit into `work_mem`.
const ROWS: u32 = 20_000;

/// Bytes that are sent to show how fast the line is.
const BYTES: u32 = 1_000_000;

/// How often each query is asked. The shortest time counts: other work on the server only adds.
const TRIES: usize = 3;

const SORT: &str = "SELECT pg_catalog.count(*) FROM (SELECT pg_catalog.md5(i::text) FROM \
                    pg_catalog.generate_series(1, $1) AS i ORDER BY 1 OFFSET 0) AS sorted";

/// What was measured.
#[derive(Clone, Copy, Debug)]
pub struct ServerSpeed {
    /// Seconds for each row that is sorted.
    pub seconds_per_sorted_row: f64,
    /// Seconds for each byte that is transferred.
    pub seconds_per_byte: f64,
}

/// Measures the server. Nothing is written.
///
/// # Errors
/// The server's.
pub fn measure_server(client: &mut Client) -> Result<ServerSpeed, Error> {
    let rows = i32::try_from(ROWS).unwrap_or(i32::MAX);
    let round_trip = shortest_time(|| client.query_directly("SELECT 1", &[]).map(drop))?;
    let sorting = shortest_time(|| client.query_directly(SORT, &[&rows]).map(drop))?;
    let transfer = format!("SELECT pg_catalog.repeat('x', {BYTES})");
    let transfer = shortest_time(|| client.query_directly(&transfer, &[]).map(drop))?;
    let per_unit = |time: Duration, units: u32| {
        time.saturating_sub(round_trip).as_secs_f64() / f64::from(units)
    };
    Ok(ServerSpeed {
        seconds_per_sorted_row: per_unit(sorting, ROWS),
        seconds_per_byte: per_unit(transfer, BYTES),
    })
}

fn shortest_time(mut ask: impl FnMut() -> Result<(), Error>) -> Result<Duration, Error> {
    let mut shortest = Duration::MAX;
    for _ in 0..TRIES {
        let start = Instant::now();
        ask()?;
        shortest = shortest.min(start.elapsed());
    }
    Ok(shortest)
}
