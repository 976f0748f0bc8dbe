//! A step of one of CONTRIBUTING's lists: a text for one file.

use crate::checks::Check;

/// One place of the list.
pub(crate) struct Step {
    /// The number that the list gives to it.
    pub(crate) point: usize,
    pub(crate) file: &'static str,
    /// The text stands before this one, which is in the file once. A file that has to be made has none.
    pub(crate) before: &'static str,
    pub(crate) text: &'static str,
    /// What fails without the step, and the words that it fails with.
    pub(crate) missed: Check,
    pub(crate) says: &'static str,
}

/// A step that the compiler misses, which names what is made up.
pub(crate) const fn compiled(point: usize, file: &'static str, before: &'static str, text: &'static str) -> Step {
    Step { point, file, before, text, missed: Check::Test("conformance", "every_case_holds"), says: "ithdraw" }
}

/// A step in a file that has to name every method.
pub(crate) const fn named(point: usize, file: &'static str, before: &'static str, text: &'static str) -> Step {
    Step { point, file, before, text, missed: NAMED, says: file }
}

pub(crate) const NAMED: Check = Check::Test("house", "every_file_that_is_to_name_every_method_does");
