// SPDX-License-Identifier: Apache-2.0
//
// The peer of bench_sql.c in Rust: microseconds in which the library sqlparser
// makes a tree of each statement. Nothing is resolved or decided.
//
// usage: bench_sqlparser STATEMENTS
//
// STATEMENTS are each ended by a NUL byte. Each line on stdin asks for one
// pass, answered by a line of numbers: that of nothing, which is the clock's, and
// one a statement: CPU time of the thread, 0 for what it does not read.

use sqlparser::dialect::GenericDialect;
use sqlparser::parser::Parser;
use std::io::{BufRead, Write};

#[repr(C)]
struct Timespec {
    seconds: i64,
    nanoseconds: i64,
}

const CLOCK_THREAD_CPUTIME_ID: i32 = 3;

extern "C" {
    fn clock_gettime(clock: i32, now: *mut Timespec) -> i32;
}

fn now_us() -> f64 {
    let mut now = Timespec { seconds: 0, nanoseconds: 0 };

    // SAFETY: `now` is what the call fills, and lives longer than it.
    unsafe { clock_gettime(CLOCK_THREAD_CPUTIME_ID, &mut now) };
    now.seconds as f64 * 1e6 + now.nanoseconds as f64 / 1e3
}

fn main() {
    let path = std::env::args().nth(1).expect("usage: bench_sqlparser STATEMENTS");
    let bytes = std::fs::read(path).expect("STATEMENTS cannot be read");
    let text = String::from_utf8(bytes).expect("STATEMENTS are not UTF-8");
    let dialect = GenericDialect {};
    let stdout = std::io::stdout();
    let mut serial = 0u64;

    for _ in std::io::stdin().lock().lines() {
        let mut out = stdout.lock();
        let start = now_us();

        write!(out, "{:.3} ", now_us() - start).expect("stdout");
        for statement in text.split_terminator('\0') {
            serial += 1;
            let distinct = format!("/* {serial} */ {statement}");
            let start = now_us();
            let read = Parser::parse_sql(&dialect, &distinct).is_ok();
            let took = now_us() - start;

            write!(out, "{:.3} ", if read { took } else { 0.0 }).expect("stdout");
        }
        writeln!(out).expect("stdout");
        out.flush().expect("stdout");
    }
}
