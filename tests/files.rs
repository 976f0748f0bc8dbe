//! A message with its file in one call: looked at, uploaded, sent; and none of it where a step fails.

#![cfg(all(feature = "sandbox", feature = "files"))]

#[path = "support/limit.rs"]
mod limit;

use std::{fs, path::PathBuf, thread, time::Duration};

use image::{DynamicImage, ImageFormat, RgbImage};
use wildfirechat_message::{
    ClientOptions, Conversation, ImageContent, MediaType, MessageClient, MessageContent, MessageError, RobotClient,
    RobotSendFileRequest, RobotSendImageRequest, RobotSendVideoRequest, RobotSendVoiceRequest, SendFileRequest,
    SendImageRequest, SendVideoRequest, SendVoiceRequest, SentMessage, UploadProgress, VideoContent, VoiceContent,
    decode_content, make_thumbnail,
    sandbox::{Edition, Fault, FaultRule, Sandbox, SandboxOptions, StoreFault},
};

const ROBOT: &str = "FireRobot";

struct World {
    sandbox: Sandbox,
    client: MessageClient,
    robot: RobotClient,
}

fn world_with(options: ClientOptions) -> World {
    limit::this_program_to(Duration::from_secs(240));
    let sandbox = Sandbox::new(None, Some(SandboxOptions::default())).unwrap();
    sandbox.set_robot(ROBOT.into(), Some("its secret".into())).unwrap();
    let base = sandbox.base_url().unwrap();
    let client = MessageClient::new(base.clone(), "123456".into(), Some(options.clone())).unwrap();
    let robot = RobotClient::new(base, ROBOT.into(), "its secret".into(), Some(options)).unwrap();
    World { sandbox, client, robot }
}

fn world() -> World {
    world_with(options())
}

fn options() -> ClientOptions {
    ClientOptions { retry_pause: Some(Duration::from_millis(1)), ..ClientOptions::default() }
}

fn bob() -> Conversation {
    Conversation::single("bob")
}

fn nobody(_: &UploadProgress) {}

fn png(width: u32, height: u32) -> Vec<u8> {
    let mut bytes = std::io::Cursor::new(Vec::new());
    let picture = RgbImage::from_fn(width, height, |x, y| image::Rgb([x as u8, y as u8, 90]));
    DynamicImage::from(picture).write_to(&mut bytes, ImageFormat::Png).unwrap();
    bytes.into_inner()
}

/// An MP4 file of so many seconds, without a picture in it.
fn mp4(seconds: u32) -> Vec<u8> {
    let part =
        |name: &[u8; 4], body: &[u8]| [&u32::try_from(body.len() + 8).unwrap().to_be_bytes()[..], name, body].concat();
    let header = [&[0; 12][..], &1_000_u32.to_be_bytes(), &(seconds * 1_000).to_be_bytes(), &[0; 80]].concat();
    [part(b"ftyp", b"isom\0\0\0\0isommp42"), part(b"moov", &part(b"mvhd", &header)), part(b"mdat", &[7; 100])].concat()
}

/// An AMR recording of so many seconds.
fn amr(seconds: usize) -> Vec<u8> {
    [&b"#!AMR\n"[..], &[&[0x3c][..], &[0; 31]].concat().repeat(seconds * 50)].concat()
}

/// A file in a folder of its own, which is deleted with it.
struct TempFile(PathBuf);

impl TempFile {
    fn with(name: &str, bytes: &[u8]) -> Self {
        let folder = format!("wildfirechat-files-{}-{:?}", std::process::id(), thread::current().id());
        let folder = std::env::temp_dir().join(folder.replace(['(', ')'], ""));
        fs::create_dir_all(&folder).unwrap();
        fs::write(folder.join(name), bytes).unwrap();
        Self(folder.join(name))
    }

    fn path(&self) -> String {
        self.0.to_str().unwrap().to_owned()
    }
}

impl Drop for TempFile {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(self.0.parent().unwrap());
    }
}

type Send = fn(&World, Option<&str>, Vec<u8>) -> Result<SentMessage, MessageError>;

/// Every way to send a file from memory: who sends it, a file that can be sent so, and the call with a URL that is known.
fn ways() -> [(&'static str, Vec<u8>, Send); 8] {
    macro_rules! way {
        ($client:ident, $method:ident, $record:ident, $name:literal $(, $sender:literal)?) => {
            |world, url, bytes| {
                let request = $record::bytes($($sender,)? bob(), $name, bytes);
                world.$client.$method($record { remote_media_url: url.map(str::to_owned), ..request }, nobody)
            }
        };
    }
    [
        ("message/send", png(300, 200), way!(client, send_image, SendImageRequest, "a.png", "ann")),
        ("message/send", b"words".to_vec(), way!(client, send_file, SendFileRequest, "a.txt", "ann")),
        ("message/send", mp4(3), way!(client, send_video, SendVideoRequest, "a.mp4", "ann")),
        ("message/send", amr(2), way!(client, send_voice, SendVoiceRequest, "a.amr", "ann")),
        ("robot/message/send", png(300, 200), way!(robot, send_image, RobotSendImageRequest, "a.png")),
        ("robot/message/send", b"words".to_vec(), way!(robot, send_file, RobotSendFileRequest, "a.txt")),
        ("robot/message/send", mp4(3), way!(robot, send_video, RobotSendVideoRequest, "a.mp4")),
        ("robot/message/send", amr(2), way!(robot, send_voice, RobotSendVoiceRequest, "a.amr")),
    ]
}

/// What of the server's calls were sends.
fn sends(sandbox: &Sandbox) -> usize {
    sandbox.requests().unwrap().iter().filter(|request| request.path.ends_with("/message/send")).count()
}

/// The content of a message as phones read it.
fn told(world: &World, sent: SentMessage) -> (String, MessageContent) {
    let message = world.client.get_message(sent.message_uid).unwrap();
    (message.sender, decode_content(message.payload).unwrap())
}

#[test]
fn each_kind_of_file_is_uploaded_and_sent_with_what_phones_show_of_it() {
    let world = world();
    for (at, (endpoint, bytes, send)) in ways().into_iter().enumerate() {
        let sent = send(&world, None, bytes.clone()).unwrap();
        let (sender, content) = told(&world, sent);
        assert_eq!(sender, if endpoint.starts_with("robot") { ROBOT } else { "ann" });
        let stored = world.sandbox.files().unwrap().pop().unwrap();
        let (expected, media_type, content_type) = match at % 4 {
            0 => (
                MessageContent::from(ImageContent {
                    remote_media_url: stored.url.clone(),
                    thumbnail: Some(make_thumbnail(bytes.clone().into()).unwrap()),
                    width: Some(300),
                    height: Some(200),
                }),
                MediaType::Image,
                "image/png",
            ),
            1 => (
                wildfirechat_message::FileContent {
                    remote_media_url: stored.url.clone(),
                    name: "a.txt".into(),
                    size: 5,
                }
                .into(),
                MediaType::File,
                "text/plain",
            ),
            2 => (
                VideoContent { remote_media_url: stored.url.clone(), duration: 3, thumbnail: None }.into(),
                MediaType::Video,
                "video/mp4",
            ),
            _ => (
                VoiceContent { remote_media_url: stored.url.clone(), duration: 2 }.into(),
                MediaType::Voice,
                "audio/amr",
            ),
        };
        assert_eq!(content, expected);
        assert_eq!((stored.media_type, &*stored.content_type), (media_type as i32, content_type));
        assert_eq!(stored.size, bytes.len() as i64);
    }
}

#[test]
fn a_file_on_disk_is_called_there_as_it_is_here() {
    let world = world();
    let picture = TempFile::with("照片.png", &png(10, 10));
    world.client.send_image(SendImageRequest::file("ann", bob(), picture.path()), nobody).unwrap();
    assert_eq!(world.sandbox.files().unwrap()[0].file_name, "照片.png");
    let mut told = Vec::new();
    let report = TempFile::with("report.pdf", &[7; 600_000]);
    let request = SendFileRequest::file("ann", bob(), report.path());
    let sent = world.client.send_file(request.clone(), |now| told.push((now.sent, now.total))).unwrap();
    assert_eq!(told.last(), Some(&(600_000, 600_000)));
    let message = world.client.get_message(sent.message_uid).unwrap();
    assert_eq!((&*message.payload.searchable_content, &*message.payload.content), ("report.pdf", "600000"));
    let renamed = SendFileRequest { file_name: Some("other.pdf".into()), ..request };
    let sent = world.client.send_file(renamed, nobody).unwrap();
    assert_eq!(world.client.get_message(sent.message_uid).unwrap().payload.searchable_content, "other.pdf");
}

#[test]
fn what_the_caller_gives_takes_precedence_over_what_the_file_says() {
    let world = world();
    let request = SendVideoRequest {
        duration: Some(61),
        thumbnail: Some(png(400, 300).into()),
        file_name: None,
        ..SendVideoRequest::bytes("ann", bob(), "", mp4(3))
    };
    let sent = world.client.send_video(request, nobody).unwrap();
    let (_, content) = told(&world, sent);
    let MessageContent::Video { value: content } = content else { panic!("{content:?}") };
    assert_eq!((content.duration, content.thumbnail), (61, Some(make_thumbnail(png(400, 300).into()).unwrap())));
    assert_eq!(world.sandbox.files().unwrap()[0].file_name, "video.mp4", "bytes without a name get one");
    let request =
        SendVoiceRequest { duration: Some(7), ..SendVoiceRequest::bytes("ann", bob(), "a.mp3", "ID3\x04abc") };
    let sent = world.client.send_voice(request, nobody).unwrap();
    assert_eq!(told(&world, sent).1, VoiceContent { remote_media_url: url(&world), duration: 7 }.into());
}

fn url(world: &World) -> String {
    world.sandbox.files().unwrap().pop().unwrap().url
}

#[test]
fn what_can_never_be_sent_is_refused_by_its_name_before_anything_is_sent() {
    let world = world();
    let client = &world.client;
    let image =
        |bytes: &[u8]| client.send_image(SendImageRequest::bytes("ann", bob(), "a.png", bytes.to_vec()), nobody);
    let file = || SendFileRequest::bytes("ann", bob(), "a.txt", "words");
    let video = |bytes: Vec<u8>| SendVideoRequest::bytes("ann", bob(), "a.mp4", bytes);
    let voice = |bytes: Vec<u8>| SendVoiceRequest::bytes("ann", bob(), "a.amr", bytes);
    let path = |path: &str| client.send_file(SendFileRequest::file("ann", bob(), path), nobody);
    let picture = png(300, 200);
    let empty = TempFile::with("empty.png", b"");
    let sparse = TempFile::with("large", b"");
    let large = |length| fs::File::options().write(true).open(&sparse.0).unwrap().set_len(length).unwrap();
    large(1 << 31);
    let mut refused = vec![
        (image(b""), "data", "it has no bytes"),
        (image(b"words"), "data", "it has an unknown format: it must be JPEG, PNG, WebP or GIF"),
        (image(&mp4(3)), "data", "it is not an image: its first bytes are those of video/mp4"),
        (image(&picture[..picture.len() / 2]), "data", "it cannot be read: "),
        (client.send_image(SendImageRequest::file("ann", bob(), empty.path()), nobody), "path", "it has no bytes"),
        (client.send_file(SendFileRequest { sender: String::new(), ..file() }, nobody), "sender", "it is empty"),
        (
            client.send_file(SendFileRequest { conversation: Conversation::single(""), ..file() }, nobody),
            "conversation.target",
            "it is empty",
        ),
        (client.send_file(SendFileRequest { data: None, ..file() }, nobody), "data", "a file is missing"),
        (
            client.send_file(SendFileRequest { path: Some("a".into()), ..file() }, nobody),
            "path",
            "give either the bytes of a file or its path",
        ),
        (client.send_file(SendFileRequest { file_name: None, ..file() }, nobody), "file_name", "it is missing"),
        (
            client.send_file(SendFileRequest { file_name: Some("é".repeat(30_000)), ..file() }, nobody),
            "file_name",
            "it has ",
        ),
        (
            client.send_file(SendFileRequest { file_name: Some("a\nb".into()), ..file() }, nobody),
            "file_name",
            "it contains a control character",
        ),
        (
            client.send_file(SendFileRequest { remote_media_url: Some(String::new()), ..file() }, nobody),
            "remote_media_url",
            "it is empty",
        ),
        (path("/nowhere/at all"), "path", "it cannot be read: No such file"),
        (path("/tmp"), "path", "it is a directory"),
        (path("/dev/zero"), "path", "it is not a file with a size"),
        (path(""), "path", "it is empty"),
        (path(&sparse.path()), "path", "it has 2147483648 bytes: a message with a file takes at most 2147483647"),
        (client.send_video(video(picture.clone()), nobody), "data", "it is not a video: its first bytes are those of"),
        (
            client.send_video(SendVideoRequest { duration: Some(-1), ..video(mp4(1)) }, nobody),
            "duration",
            "-1 is below",
        ),
        (
            client.send_video(SendVideoRequest { thumbnail: Some("x".into()), ..video(mp4(1)) }, nobody),
            "thumbnail",
            "it has an unknown format",
        ),
        (
            client.send_voice(voice(picture.clone()), nobody),
            "data",
            "it is not a voice recording: its first bytes are those of",
        ),
        (
            world.robot.send_voice(RobotSendVoiceRequest::bytes(bob(), "notes", "no sound"), nobody),
            "data",
            "neither its first bytes nor the ending of its name, \"notes\", are those of a voice recording",
        ),
    ];
    large(64 * 1024 * 1024 + 1);
    let request = SendImageRequest::file("ann", bob(), sparse.path());
    refused.push((client.send_image(request, nobody), "path", "it has 67108865 bytes: a message with an image takes"));
    for (outcome, argument, reason) in refused {
        let error = outcome.expect_err(reason);
        let MessageError::InvalidArgument { argument: named, reason: told } = &error else { panic!("{error:?}") };
        assert!(named == argument && told.starts_with(reason), "{error}, and not {argument}: {reason}");
        assert!(!error.may_have_executed());
    }
    assert_eq!(world.sandbox.requests().unwrap(), []);
    assert_eq!(world.sandbox.store_requests().unwrap(), []);
}

#[test]
fn where_the_store_fails_no_message_is_sent_and_the_error_names_the_step() {
    for (endpoint, bytes, send) in ways() {
        let address = if endpoint.starts_with("robot") { "robot/oss/get_upload_url" } else { "oss/get_upload_url" };
        for &fault in StoreFault::ALL {
            let world = world_with(ClientOptions { read_timeout: Some(Duration::from_millis(200)), ..options() });
            let delay = if fault == StoreFault::TooManyRequests { Duration::ZERO } else { Duration::from_secs(60) };
            world.sandbox.fail_store(fault, 9, Some(delay)).unwrap();
            let error = match send(&world, None, bytes.clone()) {
                Err(error) => error,
                // So few bytes lie in the buffers of this machine, and a store that reads slowly has them at last.
                Ok(_) if fault == StoreFault::SlowReading => continue,
                Ok(_) => panic!("{fault:?}"),
            };
            let text = error.to_string();
            assert!(text.starts_with("file store: ") || text.starts_with("backup file store: "), "{fault:?} {text}");
            assert!(!error.may_have_executed() && !matches!(error, MessageError::FailedAfterUpload { .. }), "{text}");
            assert_eq!(sends(&world.sandbox), 0, "{fault:?}");
        }
        let world = world();
        world.sandbox.fail_next(Fault::AuthFailure).unwrap();
        let error = send(&world, None, bytes.clone()).unwrap_err();
        assert!(error.to_string().starts_with(&format!("{address}: ")), "{error}");
        assert_eq!((sends(&world.sandbox), world.sandbox.store_requests().unwrap().len()), (0, 0));
    }
}

#[test]
fn a_store_that_fails_once_costs_an_attempt_and_no_message() {
    for fault in [StoreFault::CutInBody, StoreFault::InternalError, StoreFault::Forbidden] {
        let world = world();
        world.sandbox.fail_store(fault, 1, None).unwrap();
        let (_, bytes, send) = ways().into_iter().next().unwrap();
        send(&world, None, bytes).unwrap();
        assert_eq!((sends(&world.sandbox), world.sandbox.files().unwrap().len()), (1, 1), "{fault:?}");
    }
}

/// Of each way of failing: what the error of the sending is called, its code, whether the message may have been sent.
const FAILURES: [(Fault, &str, Option<i32>, bool); 5] = [
    (Fault::OverFrequency, "RateLimited", None, false),
    (Fault::AuthFailure, "Unauthorized", Some(244), false),
    (Fault::ServerTimeout, "Rejected", Some(249), true),
    (Fault::CloseAfterExecuting, "ConnectionLost", None, true),
    (Fault::HtmlAnswerAfterExecuting, "InvalidResponse", None, true),
];

#[test]
fn a_send_that_fails_after_the_upload_says_where_the_file_is_and_a_retry_uploads_nothing() {
    for (endpoint, bytes, send) in ways() {
        for (fault, expected_kind, expected_code, expected_doubt) in FAILURES {
            let world = world_with(ClientOptions { max_attempts: 1, ..options() });
            world.sandbox.fail(FaultRule { endpoint: Some(endpoint.into()), ..fault.into() }).unwrap();
            let error = send(&world, None, bytes.clone()).unwrap_err();
            let (text, doubt) = (error.to_string(), error.may_have_executed());
            let MessageError::FailedAfterUpload {
                endpoint: told,
                remote_media_url,
                kind,
                reason,
                sent,
                attempts,
                code,
            } = error
            else {
                panic!("{fault:?}: {error:?}")
            };
            assert_eq!(
                (&*told, &*kind, code, attempts),
                (endpoint, expected_kind, expected_code, 1),
                "{fault:?} {text}"
            );
            assert_eq!((sent, doubt), (expected_doubt, expected_doubt), "{text}");
            assert_eq!(remote_media_url, url(&world));
            assert_eq!(text, format!("{reason}; the file has been uploaded, and remote_media_url says where it is"));
            assert!(reason.starts_with(&format!("{endpoint}: ")), "{reason}");

            let uploads = world.sandbox.store_requests().unwrap().len();
            let asked = world.sandbox.requests().unwrap().len();
            let sent = send(&world, Some(&remote_media_url), bytes.clone()).unwrap();
            let message = world.client.get_message(sent.message_uid).unwrap();
            assert_eq!(message.payload.remote_media_url, remote_media_url);
            // The message, and the question of this test.
            assert_eq!(world.sandbox.requests().unwrap().len(), asked + 2);
            assert_eq!(world.sandbox.store_requests().unwrap().len(), uploads);
        }
    }
}

#[test]
fn a_message_is_tried_again_as_any_other_one_is() {
    let world = world();
    let rule = FaultRule { endpoint: Some("message/send".into()), times: 2, ..Fault::OverFrequency.into() };
    world.sandbox.fail(rule).unwrap();
    let (endpoint, bytes, send) = ways().into_iter().next().unwrap();
    let sent = send(&world, None, bytes.clone()).unwrap();
    assert_eq!((world.sandbox.executions(sent.message_uid).unwrap(), world.sandbox.files().unwrap().len()), (1, 1));
    // What may have been sent is not sent again.
    world.sandbox.fail(FaultRule { endpoint: Some(endpoint.into()), ..Fault::CloseAfterExecuting.into() }).unwrap();
    let error = send(&world, None, bytes).unwrap_err();
    assert!(matches!(&error, MessageError::FailedAfterUpload { sent: true, attempts: 1, .. }), "{error:?}");
    assert_eq!(sends(&world.sandbox), 4);
}

#[test]
fn a_community_server_has_no_files() {
    let options_of_it = SandboxOptions { edition: Some(Edition::Community), ..SandboxOptions::default() };
    let sandbox = Sandbox::new(None, Some(options_of_it)).unwrap();
    let client = MessageClient::new(sandbox.base_url().unwrap(), "123456".into(), None).unwrap();
    let error = client.send_file(SendFileRequest::bytes("ann", bob(), "a", "b"), nobody).unwrap_err();
    assert!(
        matches!(&error, MessageError::NotSupported { endpoint, .. } if endpoint == "oss/get_upload_url"),
        "{error}"
    );
    // What lies somewhere else can be sent all the same.
    let there = SendFileRequest {
        remote_media_url: Some("http://files/1.txt".into()),
        ..SendFileRequest::bytes("ann", bob(), "a", "b")
    };
    client.send_file(there, nobody).unwrap();
    assert_eq!(sends(&sandbox), 1);
}

#[test]
fn a_caller_who_gives_up_stops_a_message_with_a_file_in_each_of_its_steps() {
    let patience = Duration::from_millis(10);
    let world = world();
    let request = || SendFileRequest::bytes("ann", bob(), "a.txt", vec![7; 3_000_000]);
    let interrupted = |error: MessageError, step: &str, may: bool| {
        assert!(
            matches!(&error, MessageError::Interrupted { endpoint, sent: true, .. } if endpoint == step),
            "{error}"
        );
        assert_eq!(error.may_have_executed(), may, "{error}");
    };
    world.sandbox.fail_next(Fault::NeverAnswer).unwrap();
    let sending = world.client.begin_send_file(request()).unwrap();
    while world.sandbox.requests().unwrap().is_empty() {
        assert_eq!(sending.wait(patience).unwrap().sent, None);
    }
    interrupted(sending.cancel().unwrap_err(), "oss/get_upload_url", false);

    world.sandbox.fail_store(StoreFault::NeverAnswer, 1, None).unwrap();
    let sending = world.client.begin_send_file(request()).unwrap();
    while world.sandbox.store_requests().unwrap().is_empty() {
        sending.wait(patience).unwrap();
    }
    interrupted(sending.cancel().unwrap_err(), "file store", false);
    assert_eq!(sends(&world.sandbox), 0);

    let sending = world.client.begin_send_file(request()).unwrap();
    while world.sandbox.files().unwrap().is_empty() {
        sending.wait(patience).unwrap();
    }
    world.sandbox.fail_next(Fault::NeverAnswer).unwrap();
    while sends(&world.sandbox) == 0 {
        assert_eq!(sending.wait(patience).unwrap().sent, None);
    }
    interrupted(sending.cancel().unwrap_err(), "message/send", true);
    sending.cancel().unwrap();
    assert_eq!(sending.wait(patience).unwrap_err().to_string(), "invalid argument upload: it has ended");
}

#[test]
fn a_description_shows_no_byte_of_a_file() {
    let request = SendFileRequest::bytes("ann", bob(), "a.txt", "canary");
    assert!(!format!("{request:?}").contains("canary") && format!("{request:?}").contains("Some(6)"), "{request:?}");
}
