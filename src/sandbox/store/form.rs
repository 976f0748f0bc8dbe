//! A form with a file in it, read as it comes: [`Form`].

use std::{collections::HashMap, mem};

use super::Intake;

const FIELD_MAX: usize = 64 * 1024;
const PART_HEAD_MAX: usize = 8 * 1024;

/// A body of `multipart/form-data`.
pub(super) struct Form {
    /// A line break, two dashes and the boundary: what ends each part.
    delimiter: Vec<u8>,
    /// What has come and belongs to nothing yet.
    ahead: Vec<u8>,
    at: At,
    fields: HashMap<String, Vec<u8>>,
    /// The part that is called `file`.
    file: Option<File>,
    /// Of all of it.
    length: u64,
}

/// The file of a form.
pub(super) struct File {
    pub(super) name: String,
    pub(super) content_type: String,
    pub(super) intake: Intake,
}

/// Where in the form it is.
enum At {
    /// In a part, or before the first one, which has no name.
    Part(String),
    /// Behind a delimiter.
    Between,
    Head,
    End,
}

/// It is no such form.
#[derive(Debug)]
pub(super) struct Broken;

impl Form {
    /// A form whose content type is this, and which has so many bytes in all.
    pub(super) fn new(content_type: &str, length: u64) -> Option<Self> {
        let (_, boundary) = content_type.strip_prefix("multipart/form-data")?.split_once("boundary=")?;
        let delimiter = format!("\r\n--{}", boundary.trim_matches('"')).into_bytes();
        // The first delimiter has nothing before it.
        let (ahead, at) = (b"\r\n".to_vec(), At::Part(String::new()));
        Some(Self { delimiter, ahead, at, fields: HashMap::new(), file: None, length })
    }

    /// Takes what comes next.
    pub(super) fn take(&mut self, piece: &[u8]) -> Result<(), Broken> {
        self.ahead.extend_from_slice(piece);
        while self.step()? {}
        Ok(())
    }

    /// The text of a field.
    pub(super) fn text(&self, name: &str) -> Option<&str> {
        std::str::from_utf8(self.fields.get(name)?).ok()
    }

    /// The file, once the form has come to its end.
    pub(super) fn into_file(self) -> Option<File> {
        self.file.filter(|_| matches!(self.at, At::End))
    }

    /// Goes on as far as what has come allows; false where more must come first.
    fn step(&mut self) -> Result<bool, Broken> {
        match mem::replace(&mut self.at, At::End) {
            At::Part(name) => {
                let end = memchr::memmem::find(&self.ahead, &self.delimiter);
                // The beginning of a delimiter may be all that has come of it.
                let sure = end.unwrap_or_else(|| self.ahead.len().saturating_sub(self.delimiter.len()));
                let content: Vec<u8> = self.ahead.drain(..sure).collect();
                self.add(&name, &content)?;
                self.at = match end {
                    Some(_) => {
                        self.ahead.drain(..self.delimiter.len());
                        At::Between
                    }
                    None => At::Part(name),
                };
                Ok(end.is_some())
            }
            At::Between => {
                self.at = match self.ahead.get(..2) {
                    None => At::Between,
                    Some(b"--") => At::End,
                    Some(b"\r\n") => At::Head,
                    Some(_) => return Err(Broken),
                };
                if matches!(self.at, At::Head) {
                    self.ahead.drain(..2);
                }
                Ok(matches!(self.at, At::Head))
            }
            At::Head => {
                let Some(end) = memchr::memmem::find(&self.ahead, b"\r\n\r\n") else {
                    self.at = At::Head;
                    return if self.ahead.len() > PART_HEAD_MAX { Err(Broken) } else { Ok(false) };
                };
                let head: Vec<u8> = self.ahead.drain(..end + 4).collect();
                self.at = At::Part(self.open(&head)?);
                Ok(true)
            }
            // What follows the end belongs to nobody.
            At::End => {
                self.ahead.clear();
                Ok(false)
            }
        }
    }

    /// Begins the part with this head, and gives its name.
    fn open(&mut self, head: &[u8]) -> Result<String, Broken> {
        let mut slots = [httparse::EMPTY_HEADER; 8];
        let Ok(httparse::Status::Complete((_, headers))) = httparse::parse_headers(head, &mut slots) else {
            return Err(Broken);
        };
        let value = |name: &str| {
            let header = headers.iter().find(|header| header.name.eq_ignore_ascii_case(name));
            header.and_then(|header| std::str::from_utf8(header.value).ok())
        };
        let disposition = value("content-disposition").ok_or(Broken)?;
        let parameter = |name: &str| quoted(disposition.split_once(&format!("; {name}=\""))?.1);
        let name = parameter("name").ok_or(Broken)?;
        if name == "file" {
            let content_type = value("content-type").unwrap_or_default().to_owned();
            let name = parameter("filename").unwrap_or_default();
            self.file = Some(File { name, content_type, intake: Intake::of(self.length) });
        }
        Ok(name)
    }

    fn add(&mut self, name: &str, content: &[u8]) -> Result<(), Broken> {
        match (name, &mut self.file) {
            ("", _) => {}
            ("file", Some(file)) => file.intake.take(content),
            _ => {
                let field = self.fields.entry(name.to_owned()).or_default();
                if field.len() + content.len() > FIELD_MAX {
                    return Err(Broken);
                }
                field.extend_from_slice(content);
            }
        }
        Ok(())
    }
}

/// The text up to the closing quotation mark; a backslash goes before one that is part of the text.
fn quoted(rest: &str) -> Option<String> {
    let mut text = String::new();
    let mut letters = rest.chars();
    loop {
        match letters.next()? {
            '"' => return Some(text),
            '\\' => text.push(letters.next()?),
            letter => text.push(letter),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const BODY: &[u8] = b"--bound\r\nContent-Disposition: form-data; name=\"token\"\r\n\r\nt-1\r\n\
        --bound\r\nContent-Disposition: form-data; name=\"key\"\r\n\r\nk?1\r\n\
        --bound\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a \\\"b.txt\"\r\nContent-Type: text/plain\r\n\r\n\
        \r\n--boun\r\n--\r\nend\r\n\r\n--bound--\r\n";

    fn form() -> Form {
        Form::new("multipart/form-data; boundary=bound", BODY.len() as u64).unwrap()
    }

    #[test]
    fn a_form_is_read_whatever_its_pieces_are() {
        for size in 1..BODY.len() {
            let mut form = form();
            BODY.chunks(size).for_each(|piece| form.take(piece).unwrap());
            assert_eq!((form.text("token"), form.text("key")), (Some("t-1"), Some("k?1")), "in pieces of {size}");
            let file = form.into_file().unwrap();
            assert_eq!((&*file.name, &*file.content_type), ("a \"b.txt", "text/plain"));
            assert_eq!(file.intake.bytes.unwrap(), b"\r\n--boun\r\n--\r\nend\r\n", "in pieces of {size}");
        }
    }

    #[test]
    fn a_form_without_its_end_has_no_file() {
        let mut form = form();
        form.take(&BODY[..BODY.len() - 5]).unwrap();
        assert!(form.into_file().is_none());
    }

    #[test]
    fn what_is_no_form_is_refused() {
        assert!(Form::new("application/json", 0).is_none());
        assert!(form().take(b"--boundary\r\n\r\n").is_err());
        assert!(form().take(b"--bound\r\nno header\r\n\r\n").is_err());
    }
}
