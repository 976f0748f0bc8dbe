//! Says how the programs are linked.

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    // With musl, a library that is loaded wants the program's C library, and so the whole build of the packages links to it.
    // The programs are to run in an empty container: they alone are given their own.
    let is_musl = std::env::var("CARGO_CFG_TARGET_ENV").is_ok_and(|environment| environment == "musl");
    let is_static = std::env::var("CARGO_CFG_TARGET_FEATURE").is_ok_and(|features| features.contains("crt-static"));
    if is_musl && !is_static {
        println!("cargo::rustc-link-arg-bins=-static");
    }
}
