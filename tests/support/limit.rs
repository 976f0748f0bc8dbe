//! A test program that hangs is ended, and has failed.

use std::{process, sync::Once, thread, time::Duration};

/// Ends this program after so long, counted from the first time that somebody says it.
pub fn this_program_to(limit: Duration) {
    static WATCH: Once = Once::new();
    WATCH.call_once(|| {
        thread::spawn(move || {
            thread::sleep(limit);
            eprintln!("this test program still runs after {limit:?}: something in it hangs");
            process::abort();
        });
    });
}
