//! What Python, Kotlin and Swift load: all that the library exports to them, and the way into the program, for which their
//! process becomes the program's.
//!
//! A crate above both, because both are to be in one file, and the program alone is built as small as can be (ADR 0027).

use std::{
    ffi::{OsString, c_int},
    io::{self, Write},
    panic, slice,
};

use wildfirechat_message_cli::{NAME, Streams, run};

/// What Rust's programs end with after a panic.
const PANICKED: c_int = 101;

/// Runs the program in this process, as the binary does, and gives its exit code; whoever calls it exits with that and does
/// nothing else. `arguments` are those behind the program's name, each with a NUL behind it.
///
/// # Safety
///
/// `arguments` points to `length` bytes, or `length` is 0.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wildfirechat_message_run_program(arguments: *const u8, length: usize) -> c_int {
    let bytes = match length {
        0 => &[],
        // SAFETY: the caller says so.
        length => unsafe { slice::from_raw_parts(arguments, length) },
    };
    let arguments: Vec<OsString> = std::iter::once(NAME.into()).chain(separated(bytes)).collect();
    own_signals::take();
    let code = panic::catch_unwind(|| run(arguments, Streams::of_this_process())).unwrap_or(PANICKED);
    // A program of Rust's does it at its end. Who cannot write has been told of that.
    let _ = io::stdout().flush();
    code
}

/// The arguments, each of which ends with a NUL.
fn separated(bytes: &[u8]) -> impl Iterator<Item = OsString> {
    bytes.split_inclusive(|byte| *byte == 0).map(|argument| os_string(argument.strip_suffix(&[0]).unwrap_or(argument)))
}

#[cfg(unix)]
fn os_string(bytes: &[u8]) -> OsString {
    use std::os::unix::ffi::OsStrExt;
    std::ffi::OsStr::from_bytes(bytes).to_owned()
}

#[cfg(not(unix))]
fn os_string(bytes: &[u8]) -> OsString {
    String::from_utf8_lossy(bytes).into_owned().into()
}

/// Python and the JVM have handlers for signals that the program is to end by, or notes itself. Python's would wait for
/// this call to return; the JVM's would end the process in the midst of one.
#[cfg(any(target_os = "linux", target_vendor = "apple"))]
mod own_signals {
    pub(super) fn take() {
        for signal in [libc::SIGINT, libc::SIGTERM, libc::SIGHUP] {
            // SAFETY: these signals exist, and the old handlers are only looked at.
            unsafe {
                let before = libc::signal(signal, libc::SIG_DFL);
                if before == libc::SIG_IGN {
                    // As nohup and a shell's background have it.
                    libc::signal(signal, libc::SIG_IGN);
                }
            }
        }
    }
}

#[cfg(not(any(target_os = "linux", target_vendor = "apple")))]
mod own_signals {
    pub(super) fn take() {}
}

#[cfg(test)]
mod tests {
    use super::*;

    fn arguments(bytes: &[u8]) -> Vec<OsString> {
        separated(bytes).collect()
    }

    #[test]
    fn arguments_end_with_a_nul_and_may_be_empty() {
        assert_eq!(arguments(b"send\0--to\0user:u1\0\0"), ["send", "--to", "user:u1", ""]);
        assert!(arguments(b"").is_empty());
    }

    #[test]
    #[cfg(unix)]
    fn an_argument_that_is_no_utf8_arrives_as_it_is() {
        use std::os::unix::ffi::OsStrExt;
        assert_eq!(arguments(b"\xff\xfe\0")[0].as_bytes(), b"\xff\xfe");
    }
}
