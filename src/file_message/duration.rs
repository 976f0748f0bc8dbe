//! How long a video or a voice recording is, where its file says so: [`seconds`].
//!
//! Files are others' words: a length that a file claims is checked against what there is of it, each loop has an end, and what
//! cannot be made sense of has no duration.

use crate::upload::Source;

pub(super) const AMR: &[u8] = b"#!AMR\n";
pub(super) const AMR_WIDEBAND: &[u8] = b"#!AMR-WB\n";

/// How many bytes a frame of each mode has, its first byte included; 0 for modes that nobody has defined.
const AMR_FRAMES: [u8; 16] = [13, 14, 16, 18, 20, 21, 27, 32, 6, 0, 0, 0, 0, 0, 0, 1];
const AMR_WIDEBAND_FRAMES: [u8; 16] = [18, 24, 33, 37, 41, 47, 51, 59, 61, 6, 0, 0, 0, 0, 1, 1];
/// A frame is so many milliseconds of sound.
const AMR_FRAME: u64 = 20;

/// More parts than this lie in no honest file before the one that is looked for …
const MOST_PARTS: usize = 1_000;
/// … and no message is longer than a day.
const LONGEST: u64 = 24 * 60 * 60 * 1_000;

/// The length in whole seconds, at least 1; 0 where the file does not say it.
pub(super) fn seconds(source: &Source) -> i32 {
    let milliseconds = milliseconds(source).filter(|told| (1..=LONGEST).contains(told));
    milliseconds.map_or(0, |told| i32::try_from((told + 500) / 1_000).unwrap_or(0).max(1))
}

fn milliseconds(source: &Source) -> Option<u64> {
    let head: [u8; 12] = read(source, 0).or_else(|| {
        // An AMR file may be shorter.
        let short: [u8; 6] = read(source, 0)?;
        let mut head = [0; 12];
        head[..6].copy_from_slice(&short);
        Some(head)
    })?;
    if head.starts_with(AMR) {
        return amr(source, AMR.len() as u64, &AMR_FRAMES);
    }
    if head.starts_with(AMR_WIDEBAND) {
        return amr(source, AMR_WIDEBAND.len() as u64, &AMR_WIDEBAND_FRAMES);
    }
    if head.starts_with(b"RIFF") && head.ends_with(b"WAVE") {
        return wav(source);
    }
    mp4(source)
}

/// AMR tells nothing at its beginning: its frames are counted.
fn amr(source: &Source, begin: u64, frames: &[u8; 16]) -> Option<u64> {
    let mut window = Window { source, begin: 0, bytes: Vec::new() };
    let (mut at, mut told) = (begin, 0);
    while told <= LONGEST {
        let Some(first) = window.byte(at) else { break };
        let length = u64::from(frames[usize::from(first >> 3 & 0x0f)]);
        if length == 0 || at + length > source.size() {
            break;
        }
        (at, told) = (at + length, told + AMR_FRAME);
    }
    Some(told)
}

/// WAV says how many bytes a second has, and then how many there are.
fn wav(source: &Source) -> Option<u64> {
    let (mut at, mut a_second) = (12, None);
    for _ in 0..MOST_PARTS {
        let [a, b, c, d, length @ ..]: [u8; 8] = read(source, at)?;
        let (body, length) = (at + 8, u64::from(u32::from_le_bytes(length)));
        match &[a, b, c, d] {
            b"fmt " => a_second = Some(u64::from(u32::from_le_bytes(read(source, body + 8)?))),
            b"data" => {
                let rest = source.size().saturating_sub(body);
                // Who writes while it records does not know the length yet.
                let length = if matches!(length, 0 | 0xffff_ffff) { rest } else { length.min(rest) };
                return (length * 1_000).checked_div(a_second?);
            }
            _ => {}
        }
        // Parts begin at even places.
        at = body + length + length % 2;
    }
    None
}

/// MP4, QuickTime, 3GP and M4A say it in the box `mvhd` of the box `moov`, in units of their own.
fn mp4(source: &Source) -> Option<u64> {
    let movie = find(source, (0, source.size()), b"moov")?;
    let (header, _) = find(source, movie, b"mvhd")?;
    let [version] = read(source, header)?;
    let (a_second, units) = match version {
        0 => {
            let units = u32::from_be_bytes(read(source, header + 16)?);
            (read(source, header + 12)?, u64::from(if units == u32::MAX { 0 } else { units }))
        }
        1 => (read(source, header + 20)?, u64::from_be_bytes(read(source, header + 24)?)),
        _ => return None,
    };
    units.checked_mul(1_000)?.checked_div(u64::from(u32::from_be_bytes(a_second)))
}

/// Where the contents of a box begin and end that lies between two places.
fn find(source: &Source, (mut at, end): (u64, u64), name: &[u8; 4]) -> Option<(u64, u64)> {
    for _ in 0..MOST_PARTS {
        let [a, b, c, d, called @ ..]: [u8; 8] = read(source, at).filter(|_| at < end)?;
        let (head, length) = match u32::from_be_bytes([a, b, c, d]) {
            // To the end.
            0 => (8, end - at),
            1 => (16, u64::from_be_bytes(read(source, at + 8)?)),
            length => (8, u64::from(length)),
        };
        let next = at.checked_add(length).filter(|_| length >= head)?;
        if called == *name {
            return Some((at + head, next.min(end)));
        }
        at = next;
    }
    None
}

/// Some bytes at a place, if all of them are there.
fn read<const LENGTH: usize>(source: &Source, at: u64) -> Option<[u8; LENGTH]> {
    let mut bytes = [0; LENGTH];
    fill(source, at, &mut bytes).filter(|read| *read == LENGTH).map(|_| bytes)
}

/// Reads until there is no room or nothing more, and tells how much it was.
fn fill(source: &Source, at: u64, bytes: &mut [u8]) -> Option<usize> {
    let mut filled = 0;
    while filled < bytes.len() {
        match source.read_at(at.checked_add(filled as u64)?, &mut bytes[filled..]).ok()? {
            0 => break,
            read => filled += read,
        }
    }
    Some(filled)
}

/// A part of a file that is gone through byte by byte.
struct Window<'a> {
    source: &'a Source,
    begin: u64,
    bytes: Vec<u8>,
}

impl Window<'_> {
    const BYTES: usize = 64 * 1024;

    fn byte(&mut self, at: u64) -> Option<u8> {
        if let Some(byte) = self.known(at) {
            return Some(byte);
        }
        self.bytes.resize(Self::BYTES, 0);
        let filled = fill(self.source, at, &mut self.bytes)?;
        self.bytes.truncate(filled);
        self.begin = at;
        self.known(at)
    }

    fn known(&self, at: u64) -> Option<u8> {
        let place = usize::try_from(at.checked_sub(self.begin)?).ok()?;
        self.bytes.get(place).copied()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn of(bytes: Vec<u8>) -> Option<u64> {
        milliseconds(&Source::Memory(bytes.into()))
    }

    fn part(name: &[u8; 4], body: &[u8]) -> Vec<u8> {
        let length = u32::try_from(body.len() + 8).unwrap().to_be_bytes();
        [&length[..], name, body].concat()
    }

    /// A video of so many units, after a box that is not looked for.
    fn video(version: u8, a_second: u32, units: u64) -> Vec<u8> {
        let mut header = vec![version, 0, 0, 0];
        if version == 0 {
            header.extend([0; 8]);
            header.extend(a_second.to_be_bytes());
            header.extend(u32::try_from(units).unwrap().to_be_bytes());
        } else {
            header.extend([0; 16]);
            header.extend(a_second.to_be_bytes());
            header.extend(units.to_be_bytes());
        }
        header.extend([0; 80]);
        let movie = [part(b"free", b"x"), part(b"mvhd", &header)].concat();
        [part(b"ftyp", b"isom\0\0\0\0isom"), part(b"mdat", &[7; 100]), part(b"moov", &movie)].concat()
    }

    fn sound(a_second: u32, length: u32, bytes: usize) -> Vec<u8> {
        let mut format = vec![1, 0, 1, 0];
        format.extend(16_000_u32.to_le_bytes());
        format.extend(a_second.to_le_bytes());
        format.extend([2, 0, 16, 0]);
        let mut wav = b"RIFF\0\0\0\0WAVELIST\x03\0\0\0abc\0fmt \x10\0\0\0".to_vec();
        wav.extend(format);
        wav.extend(b"data");
        wav.extend(length.to_le_bytes());
        wav.extend(vec![0; bytes]);
        wav
    }

    /// Frames of the modes 7 and 8 in turn.
    fn voice(frames: usize) -> Vec<u8> {
        let both =
            |at| if at % 2 == 0 { [vec![0x3c], vec![0; 31]].concat() } else { [vec![0x44], vec![0; 5]].concat() };
        [AMR.to_vec(), (0..frames).flat_map(both).collect()].concat()
    }

    #[test]
    fn each_kind_of_file_says_how_long_it_is() {
        let wide = [AMR_WIDEBAND.to_vec(), [&[0x04][..], &[0; 17]].concat().repeat(50)].concat();
        let large = [&b"\0\0\0\x01wide\0\0\0\0\0\0\0\x10"[..], &video(0, 1_000, 5_000)].concat();
        let to_the_end = {
            let mut file = video(0, 600, 1_800);
            let at = file.windows(4).position(|four| four == b"moov").unwrap();
            file[at - 4..at].copy_from_slice(&[0; 4]);
            file
        };
        for (file, expected) in [
            (video(0, 1_000, 12_300), 12_300),
            (video(1, 90_000, 90_000 * 61), 61_000),
            (to_the_end, 3_000),
            (large, 5_000),
            (sound(32_000, 64_000, 64_000), 2_000),
            (sound(32_000, 0xffff_ffff, 96_000), 3_000),
            (sound(32_000, 0, 96_000), 3_000),
            (sound(32_000, 96_000, 16_000), 500),
            (voice(100), 2_000),
            (voice(0), 0),
            (wide, 1_000),
        ] {
            assert_eq!(of(file), Some(expected));
        }
    }

    #[test]
    fn seconds_are_whole_and_at_least_one_and_0_where_nobody_knows() {
        for (file, expected) in [
            (video(0, 1_000, 1_499), 1),
            (video(0, 1_000, 1_500), 2),
            (video(0, 1_000, 20), 1),
            (video(0, 1_000, 0), 0),
            (video(0, 0, 5_000), 0),
            (video(0, 1, u32::MAX.into()), 0),
            (video(1, 1, u64::MAX), 0),
            (video(1, 1, 1 << 40), 0),
            (video(2, 1_000, 5_000), 0),
            (sound(0, 64_000, 64_000), 0),
            (b"#!AMR\n\x50\x50".to_vec(), 0),
            (b"ID3".to_vec(), 0),
            (Vec::new(), 0),
        ] {
            assert_eq!(seconds(&Source::Memory(file.into())), expected);
        }
    }

    #[test]
    fn a_file_on_disk_has_the_same_duration_as_its_bytes() {
        let path = std::env::temp_dir().join(format!("wildfirechat-voice-{}.amr", std::process::id()));
        // More than one window.
        std::fs::write(&path, voice(20_000)).unwrap();
        let source = Source::open(crate::UploadSource::File(path.clone())).unwrap();
        std::fs::remove_file(path).unwrap();
        assert_eq!(seconds(&source), 400);
    }

    #[test]
    fn a_file_of_ever_more_parts_is_given_up() {
        let begun = std::time::Instant::now();
        assert_eq!(of(part(b"free", b"").repeat(1_000_000)), None);
        let silence = [AMR.to_vec(), vec![0x78; 8_000_000]].concat();
        assert_eq!(seconds(&Source::Memory(silence.into())), 0);
        assert!(begun.elapsed() < std::time::Duration::from_secs(20));
    }

    fn honest() -> impl Strategy<Value = Vec<u8>> {
        prop_oneof![
            (0..2_u8, any::<u32>(), any::<u32>())
                .prop_map(|(version, a_second, units)| { video(version, a_second, units.into()) }),
            (any::<u32>(), any::<u32>(), 0..200_usize)
                .prop_map(|(a_second, length, bytes)| { sound(a_second, length, bytes) }),
            (0..20_usize).prop_map(voice),
        ]
    }

    proptest! {
        /// Cut anywhere, changed anywhere: no panic, and nothing longer than a day.
        #[test]
        fn a_broken_file_does_no_harm(
            mut file in honest(),
            changes in proptest::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 0..8),
            cut in any::<prop::sample::Index>(),
        ) {
            for (at, byte) in changes {
                let at = at.index(file.len());
                file[at] = byte;
            }
            file.truncate(cut.index(file.len() + 1));
            let told = seconds(&Source::Memory(file.into()));
            prop_assert!((0..=86_400).contains(&told));
        }

        #[test]
        fn whatever_bytes_there_are_do_no_harm(
            begin in prop::sample::select(vec![&b""[..], AMR, AMR_WIDEBAND, b"RIFF....WAVE", b"\0\0\0\x08moov"]),
            rest in proptest::collection::vec(any::<u8>(), 0..300),
        ) {
            let told = seconds(&Source::Memory([begin, &rest].concat().into()));
            prop_assert!((0..=86_400).contains(&told));
        }
    }
}
