//! How bytes cross into other languages: whole, where uniffi would take a `Vec<u8>` over one element at a time.

use bytes::{Buf, BufMut, Bytes};
use uniffi::{FfiConverter, RustBuffer, TypeId, check_remaining, derive_ffi_traits};

use crate::UniFfiTag;

// SAFETY: it reads and writes the same memory as uniffi's own converter of a `Vec<u8>`, a length and that many bytes, and
// says that it is one: generated code is the same for both.
unsafe impl FfiConverter<UniFfiTag> for Bytes {
    type FfiType = RustBuffer;
    const TYPE_ID_META: uniffi::MetadataBuffer = <Vec<u8> as TypeId<UniFfiTag>>::TYPE_ID_META;

    fn lower(bytes: Self) -> RustBuffer {
        let mut buffer = Vec::with_capacity(4 + bytes.len());
        <Self as FfiConverter<UniFfiTag>>::write(bytes, &mut buffer);
        RustBuffer::from_vec(buffer)
    }

    fn try_lift(buffer: RustBuffer) -> uniffi::Result<Self> {
        // Not copied out of the buffer: a file may be as large as memory allows.
        let mut whole = Self::from(buffer.destroy_into_vec());
        check_remaining(&whole, 4)?;
        let length = usize::try_from(whole.get_i32())?;
        check_remaining(&whole, length)?;
        match whole.len() - length {
            0 => Ok(whole),
            surplus => uniffi::deps::anyhow::bail!("{surplus} bytes follow the end of the data"),
        }
    }

    fn write(bytes: Self, buffer: &mut Vec<u8>) {
        buffer.put_i32(i32::try_from(bytes.len()).expect("data of 2 GiB or more cannot be passed"));
        buffer.extend_from_slice(&bytes);
    }

    fn try_read(buffer: &mut &[u8]) -> uniffi::Result<Self> {
        check_remaining(buffer, 4)?;
        let length = usize::try_from(buffer.get_i32())?;
        check_remaining(buffer, length)?;
        let (bytes, rest) = buffer.split_at(length);
        *buffer = rest;
        Ok(Self::copy_from_slice(bytes))
    }
}

derive_ffi_traits!(local Bytes);

#[cfg(test)]
mod tests {
    use uniffi::{Lift, Lower};

    use super::*;

    /// As uniffi would write and read it.
    fn of_uniffi(bytes: &[u8]) -> Vec<u8> {
        let mut buffer = Vec::new();
        <Vec<u8> as Lower<UniFfiTag>>::write(bytes.to_vec(), &mut buffer);
        buffer
    }

    #[test]
    fn bytes_cross_as_a_vec_does() {
        for bytes in [&b""[..], b"\0", b"some \xff bytes", &[7; 70_000]] {
            let mut buffer = Vec::new();
            <Bytes as Lower<UniFfiTag>>::write(Bytes::copy_from_slice(bytes), &mut buffer);
            assert_eq!(buffer, of_uniffi(bytes));
            let mut rest = &buffer[..];
            assert_eq!(<Bytes as Lift<UniFfiTag>>::try_read(&mut rest).unwrap(), bytes);
            assert!(rest.is_empty());
            let lowered = <Bytes as Lower<UniFfiTag>>::lower(Bytes::copy_from_slice(bytes));
            assert_eq!(<Vec<u8> as Lift<UniFfiTag>>::try_lift(lowered).unwrap(), bytes);
            let lowered = <Vec<u8> as Lower<UniFfiTag>>::lower(bytes.to_vec());
            assert_eq!(<Bytes as Lift<UniFfiTag>>::try_lift(lowered).unwrap(), bytes);
        }
    }

    #[test]
    fn what_is_too_short_or_too_long_is_refused() {
        let whole = of_uniffi(b"bytes");
        for cut in 0..whole.len() {
            assert!(<Bytes as Lift<UniFfiTag>>::try_read(&mut &whole[..cut]).is_err(), "{cut}");
        }
        assert!(<Bytes as Lift<UniFfiTag>>::try_read(&mut &[0xff, 0xff, 0xff, 0xff, 1][..]).is_err());
        let surplus = RustBuffer::from_vec([whole, vec![0]].concat());
        assert!(<Bytes as Lift<UniFfiTag>>::try_lift(surplus).is_err());
    }
}
