//! What a delivery costs: authenticated, read and normalised, for every provider of the table; and how fast a long
//! camt.054 goes through. `cargo bench -p cashless-providers` fails where a limit is missed.
#![expect(clippy::print_stdout, reason = "printing is what a benchmark is for")]

#[path = "../tests/every/mod.rs"]
mod every;

use std::hint::black_box;
use std::process::ExitCode;
use std::time::{Duration, Instant};

use cashless_providers::{Content, Happening};
use every::{Connected, Request, connected};

/// 100,000 deliveries a second on five cores leave this much for each.
const DELIVERY_MICROS_MAX: f64 = 50.0;
const CAMT_MEGABYTES_PER_SECOND_MIN: f64 = 50.0;
const CAMT_ENTRIES: usize = 2_500;
const ROUNDS: u32 = 40;

fn main() -> ExitCode {
    // `cargo test` runs benchmarks too, to see that they run at all.
    let is_measured = std::env::args().any(|argument| argument == "--bench");
    let round = if is_measured { Duration::from_millis(30) } else { Duration::ZERO };
    let mut is_slow = false;
    println!("{:<20} {:>8} {:>12}", "provider", "bytes", "µs/delivery");
    for connected in connected() {
        let Some(composed) = connected.compose(Happening::Paid) else { continue };
        let request = Request::from(&composed);
        let micros = seconds(&connected, &request, 1, round) * 1e6;
        println!("{:<20} {:>8} {micros:>12.2}", connected.provider.name, request.message().len());
        is_slow |= micros > DELIVERY_MICROS_MAX;
        if connected.provider.name == "camt054" {
            let long = repeated(&request);
            let speed = megabytes(&long) / seconds(&connected, &long, CAMT_ENTRIES, round);
            println!("{:<20} {:>8} {speed:>7.1} MB/s", "camt054, one core", long.body.len());
            is_slow |= speed < CAMT_MEGABYTES_PER_SECOND_MIN;
        }
    }
    if is_slow && is_measured {
        println!("slower than {DELIVERY_MICROS_MAX} µs, or than {CAMT_MEGABYTES_PER_SECOND_MIN} MB/s");
        return ExitCode::FAILURE;
    }
    ExitCode::SUCCESS
}

/// The seconds of one delivery: the best of many short rounds, since a machine can only be slower than it is.
fn seconds(connected: &Connected, request: &Request, items: usize, round: Duration) -> f64 {
    let (delivery, context) = (request.delivery(), connected.context());
    let once = || match connected.adapter.receive(black_box(&delivery), black_box(&context)) {
        Ok(received) => match black_box(received).content {
            Content::Items(normalized) => {
                let events = normalized.items().iter().filter(|item| item.outcome.is_ok()).count();
                assert_eq!(events, items, "{}", connected.provider.name);
            }
            Content::Answer(_) => panic!("{} answers a payment", connected.provider.name),
        },
        Err(refused) => panic!("{}: {refused}", connected.provider.name),
    };
    let timed = || {
        let (began, mut count) = (Instant::now(), 0_u32);
        loop {
            once();
            count += 1;
            if began.elapsed() >= round {
                return began.elapsed().as_secs_f64() / f64::from(count);
            }
        }
    };
    (0..ROUNDS).map(|_| timed()).fold(f64::INFINITY, f64::min)
}

/// The same message with thousands of entries, each under a reference of its own.
fn repeated(request: &Request) -> Request {
    let text = String::from_utf8(request.body.clone()).expect("text");
    let (head, rest) = text.split_once("<Ntry>").expect("an entry");
    let (entry, tail) = rest.split_once("</Ntry>").expect("its end");
    let entries: String = (0..CAMT_ENTRIES)
        .map(|number| {
            format!("<Ntry>{}</Ntry>", entry.replace("FT26253012345678", &format!("FT{number:014}")))
        })
        .collect();
    request.with_message(format!("{head}{entries}{tail}").as_bytes())
}

fn megabytes(request: &Request) -> f64 {
    f64::from(u32::try_from(request.body.len()).unwrap_or(u32::MAX)) / 1e6
}
