//! What an answer, a code or an error proves of a request: ran, did not run, or nobody knows ([`Proof`]).

/// What an answer proves of the request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Proof {
    Executed,
    NotExecuted,
    Unknown,
}

/// What a code of the server proves.
// Source: wire.md §5, in its order.
pub(crate) fn proof_of(code: i32) -> Proof {
    match code {
        0 => Proof::Executed,
        // The server failed, anywhere in its work.
        4
        // Some of it happened.
        | 222
        // The server's own time-out ended; the work may continue.
        | 249
        // The work continues.
        | 252
        // It worked, and there is an answer that cannot be read.
        | 255 => Proof::Unknown,
        1..=3 | 5..=12 | 16 | 18..=28 | 30 | 35 | 60 | 61 | 70 | 81..=87 | 90 => Proof::NotExecuted,
        220 | 221 | 225 | 236..=248 | 250 | 251 | 253 | 254 => Proof::NotExecuted,
        // What nobody knows proves nothing.
        _ => Proof::Unknown,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use Proof::{Executed, NotExecuted, Unknown};

    // Every code of wire.md §5 in its order, with what it proves; the numbers in between are not codes.
    #[test]
    fn each_code_is_judged() {
        #[rustfmt::skip]
        let table = [
            (0, Executed), (1, NotExecuted), (2, NotExecuted), (3, NotExecuted), (4, Unknown), (5, NotExecuted),
            (6, NotExecuted), (7, NotExecuted), (8, NotExecuted), (9, NotExecuted), (10, NotExecuted), (11, NotExecuted),
            (12, NotExecuted), (16, NotExecuted), (18, NotExecuted), (19, NotExecuted), (20, NotExecuted), (21, NotExecuted),
            (22, NotExecuted), (23, NotExecuted), (24, NotExecuted), (25, NotExecuted), (26, NotExecuted), (27, NotExecuted),
            (28, NotExecuted), (30, NotExecuted), (35, NotExecuted), (60, NotExecuted), (61, NotExecuted), (70, NotExecuted),
            (81, NotExecuted), (82, NotExecuted), (83, NotExecuted), (84, NotExecuted), (85, NotExecuted), (86, NotExecuted),
            (87, NotExecuted), (90, NotExecuted), (220, NotExecuted), (221, NotExecuted), (222, Unknown), (225, NotExecuted),
            (236, NotExecuted), (237, NotExecuted), (238, NotExecuted), (239, NotExecuted), (240, NotExecuted),
            (241, NotExecuted), (242, NotExecuted), (243, NotExecuted), (244, NotExecuted), (245, NotExecuted),
            (246, NotExecuted), (247, NotExecuted), (248, NotExecuted), (249, Unknown), (250, NotExecuted),
            (251, NotExecuted), (252, Unknown), (253, NotExecuted), (254, NotExecuted), (255, Unknown),
        ];
        for (code, proof) in table {
            assert_eq!(proof_of(code), proof, "{code}");
        }
        for code in (-2000..2000).chain([i32::MIN, i32::MAX, 9999, 10_000, 50_000]) {
            if table.iter().all(|(known, _)| *known != code) {
                assert_eq!(proof_of(code), Unknown, "{code} is in no list");
            }
        }
    }
}
