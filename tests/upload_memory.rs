//! How much memory the upload of a large file takes. It is the only test of this program, because other tests would be counted too.

#![cfg(all(feature = "sandbox", target_os = "linux"))]

#[path = "support/limit.rs"]
mod limit;
#[path = "support/process.rs"]
mod process;

use std::{
    fs,
    io::Write,
    time::{Duration, Instant},
};

use process::{open_files, status};
use wildfirechat_message::{
    MessageClient, UploadRequest,
    sandbox::{Sandbox, StoreFault},
};

const SIZE: usize = 200_000_000;
/// What the pieces under way, the sockets' buffers and the sandbox's own may take.
const MOST_KIB: usize = 12 * 1024;

#[test]
fn a_large_file_that_is_cut_once_needs_little_memory_and_leaves_nothing_open() {
    limit::this_program_to(Duration::from_secs(240));
    let path = std::env::temp_dir().join(format!("wildfirechat-large-{}.bin", std::process::id()));
    let mut file = fs::File::create(&path).unwrap();
    let piece: Vec<u8> = (0..=249).cycle().take(SIZE / 200).collect();
    (0..200).for_each(|_| file.write_all(&piece).unwrap());
    drop(file);

    let sandbox = Sandbox::start().unwrap();
    let client = MessageClient::new(sandbox.base_url().unwrap(), "123456".into(), None).unwrap();
    client.upload(UploadRequest::bytes("warm.bin", vec![7; 1_000_000], 4), |_| ()).unwrap();
    let (before, open) = (status("VmHWM"), open_files());
    sandbox.fail_store(StoreFault::CutInBody, 1, None).unwrap();
    let begun = Instant::now();
    let outcome = client.upload(UploadRequest::file("large.bin", &path, 4), |_| ());
    let (seconds, grown) = (begun.elapsed().as_secs_f64(), status("VmHWM") - before);
    fs::remove_file(&path).unwrap();
    outcome.unwrap();

    let stored = sandbox.files().unwrap().pop().unwrap();
    assert_eq!((stored.size, sandbox.store_requests().unwrap().len()), (SIZE as i64, 3));
    let told = format!("measured: 200 MB uploaded, cut once: {seconds:.1} s, {grown} KiB more memory at the most");
    // Past the test harness, which swallows what a passing test prints.
    let _ = writeln!(std::io::stdout(), "{told}");
    assert!(grown < MOST_KIB, "{told}");
    assert!(open_files() <= open, "{} files are open, {open} were", open_files());
}
