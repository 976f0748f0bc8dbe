package example;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import chat.wildfire.message.BroadcastMessage;
import chat.wildfire.message.BulkOptions;
import chat.wildfire.message.BulkProgress;
import chat.wildfire.message.Callbacks;
import chat.wildfire.message.CensorAnswers;
import chat.wildfire.message.ChannelClient;
import chat.wildfire.message.ClientOptions;
import chat.wildfire.message.ClientOptionsBuilder;
import chat.wildfire.message.ContentType;
import chat.wildfire.message.Conversation;
import chat.wildfire.message.ConversationType;
import chat.wildfire.message.Conversations;
import chat.wildfire.message.Edition;
import chat.wildfire.message.ErrorCode;
import chat.wildfire.message.Fault;
import chat.wildfire.message.ImportedMessage;
import chat.wildfire.message.MediaType;
import chat.wildfire.message.Mentions;
import chat.wildfire.message.Message;
import chat.wildfire.message.MessageClient;
import chat.wildfire.message.MessageException;
import chat.wildfire.message.MessagePayload;
import chat.wildfire.message.MessagePayloadBuilder;
import chat.wildfire.message.Payloads;
import chat.wildfire.message.RecalledMessage;
import chat.wildfire.message.RobotClient;
import chat.wildfire.message.Sandbox;
import chat.wildfire.message.SandboxException;
import chat.wildfire.message.SendOutcome;
import chat.wildfire.message.SendOutcomes;
import chat.wildfire.message.SendRequest;
import chat.wildfire.message.SentMessage;
import chat.wildfire.message.StopOn;
import chat.wildfire.message.StoreFault;
import chat.wildfire.message.StoredFile;
import chat.wildfire.message.UploadProgress;
import java.io.IOException;
import java.lang.reflect.Method;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Everything that a Java user needs, as it reads in Java; no method here declares a checked exception. */
class JavaCallerTest {
    private final Sandbox sandbox = new Sandbox();
    private final MessageClient client = new MessageClient(sandbox.getBaseUrl(), "123456");

    @AfterEach
    void close() {
        client.close();
        sandbox.close();
    }

    @Test
    void every_method_with_the_arguments_one_cannot_leave_out() {
        Conversation group = Conversations.group("group1");
        MessagePayload text = Payloads.text("hello");

        SentMessage sent = client.sendMessage("admin", group, text);
        SentMessage many = client.multicastMessage("admin", List.of("user1", "user2"), text);
        BroadcastMessage broadcast = client.broadcastMessage("admin", text);
        assertTrue(broadcast.getCount() > 0);

        client.updateMessage(sent.getMessageUid(), Payloads.text("hello again"));
        Message message = client.getMessage(sent.getMessageUid());
        assertEquals("hello again", message.getPayload().getSearchableContent());
        assertEquals(group, message.getConversation());
        assertEquals(sent.getTimestamp(), message.getTimestamp());
        assertNull(client.findMessage(1));

        RecalledMessage recalled = client.recallMessage("admin", sent.getMessageUid());
        assertNotNull(recalled);
        assertEquals("hello again", recalled.getSearchableContent());
        client.recallMulticastMessage("admin", many.getMessageUid(), List.of("user1"));
        client.deleteMulticastMessage("admin", many.getMessageUid(), List.of("user2"));
        client.recallBroadcastMessage("admin", broadcast.getMessageUid());
        client.deleteBroadcastMessage("admin", broadcast.getMessageUid());
        client.deleteMessage(sent.getMessageUid());

        sandbox.setReadTimestamp("user1", group, 1_700_000_000_001L);
        long read = client.getConversationReadTimestamp("user1", group);
        assertEquals(1_700_000_000_001L, read);
        assertTrue(client.getDeliveryTimestamp("user1") > 0);
        client.importMessages(List.of(new ImportedMessage("user1", group, text, 1_700_000_000_000L, List.of())));
        client.clearUserMessages("user1", group);
        client.clearConversation("user1", group);
        String url = client.upload("hello.txt", "hello".getBytes(), MediaType.FILE);
        assertEquals(url, sandbox.files().get(0).getUrl());
        assertEquals(18, sandbox.requests().size());
    }

    @Test
    void a_file_by_its_path_with_progress() throws IOException {
        Path path = Files.writeString(Files.createTempFile("wildfirechat", ".txt"), "What was said.");
        List<UploadProgress> told = new ArrayList<>();
        client.upload("notes.txt", path, MediaType.FILE, "text/x-notes", told::add);
        client.upload("notes.txt", path.toFile(), MediaType.FILE);
        Files.delete(path);
        StoredFile file = sandbox.files().get(0);
        assertEquals("text/x-notes", file.getContentType());
        assertArrayEquals("What was said.".getBytes(), file.getData());
        assertEquals(new UploadProgress(14, 14, 1), told.get(told.size() - 1));
        assertEquals("text/plain", sandbox.files().get(1).getContentType());

        sandbox.failStore(StoreFault.FORBIDDEN, 2);
        MessageException.Rejected refused = assertThrows(
            MessageException.Rejected.class, () -> client.upload("a", new byte[1], MediaType.GENERAL));
        assertEquals("backup file store", refused.getEndpoint());
        assertEquals(403, refused.getCode());
        assertFalse(refused.mayHaveExecuted());
    }

    @Test
    void a_message_with_its_file_in_one_call() throws IOException {
        Conversation group = Conversations.group("group1");
        Path path = Files.writeString(Files.createTempFile("wildfirechat", ".txt"), "What was said.");
        List<UploadProgress> told = new ArrayList<>();
        long uid = client.sendFile("admin", group, path, "notes.txt", null, told::add).getMessageUid();
        client.sendFile("admin", group, path.toFile());
        client.sendFile("admin", group, "bytes".getBytes(), "bytes.txt");
        Files.delete(path);
        assertEquals("notes.txt", client.getMessage(uid).getPayload().getSearchableContent());
        assertEquals(new UploadProgress(14, 14, 1), told.get(told.size() - 1));

        sandbox.failNext(Fault.AUTH_FAILURE, 1, "message/send");
        MessageException.FailedAfterUpload failed = assertThrows(
            MessageException.FailedAfterUpload.class,
            () -> client.sendFile("admin", group, "again".getBytes(), "again.txt"));
        client.sendFile("admin", group, "again".getBytes(), "again.txt", failed.getRemoteMediaUrl());
        assertEquals(4, sandbox.files().size());
    }

    @Test
    void every_argument_that_has_a_default() {
        Conversation group = Conversations.group("group1", 1);
        MessagePayload text = Payloads.text("hello");
        client.sendMessage("admin", group, text, List.of("user1"));
        long uid = client.sendMessage("admin", group, text, List.of("user1"), true).getMessageUid();
        client.updateMessage(uid, text, false);
        client.updateMessage(uid, text, false, "admin");
        client.multicastMessage("admin", List.of("user1"), text, 1);
        client.broadcastMessage("admin", text, 1);
        client.clearUserMessages("user1", group, 1L);
        client.clearUserMessages("user1", group, 1L, 2L);
        client.clearUserMessages("user1", group, null, 2L);
    }

    @Test
    void a_payload_of_any_kind_is_built_field_by_field() {
        byte[] thumbnail = {1, 2, 3};
        MessagePayload image =
                new MessagePayloadBuilder(ContentType.IMAGE)
                        .mediaType(MediaType.IMAGE)
                        .remoteMediaUrl("https://example.com/cat.jpg")
                        .data(thumbnail)
                        .build();
        assertEquals(ConversationType.SINGLE, Conversations.single("user1").getKind());
        long uid = client.sendMessage("admin", Conversations.single("user1"), image).getMessageUid();
        MessagePayload read = client.getMessage(uid).getPayload();
        assertArrayEquals(thumbnail, read.getData());
        assertEquals(image, read);
        assertEquals(image.hashCode(), read.hashCode());

        MessagePayload pushed = new MessagePayloadBuilder(image).pushContent("a cat").build();
        assertEquals("a cat", pushed.getPushContent());
        assertEquals("", image.getPushContent());
    }

    @Test
    void a_failure_is_caught_by_its_class_and_tells_what_to_do() {
        try {
            client.sendMessage("admin", Conversations.group("unknown"), Payloads.text("hello"));
        } catch (MessageException.Rejected rejected) {
            assertEquals(ErrorCode.NOT_EXIST, rejected.getCode());
            assertEquals("message/send", rejected.getEndpoint());
            assertEquals("message/send: the server answered with code 253: not exist", rejected.getMessage());
            assertFalse(rejected.mayHaveExecuted());
            return;
        }
        throw new AssertionError("a group that is not there");
    }

    @Test
    void every_failure_is_caught_as_one() {
        sandbox.failNext(Fault.CLOSE_AFTER_EXECUTING, 3);
        MessageException failure = assertThrows(MessageException.class, () -> client.getDeliveryTimestamp("user1"));
        assertTrue(failure.mayHaveExecuted());
    }

    @Test
    void null_in_a_list_is_refused_by_its_place() {
        List<String> users = new ArrayList<>(Arrays.asList("user1", null));
        MessagePayload text = Payloads.text("hello");
        MessageException.InvalidArgument failure =
                assertThrows(
                        MessageException.InvalidArgument.class, () -> client.multicastMessage("admin", users, text));
        assertEquals("targets[1]", failure.getArgument());
        assertEquals("invalid argument targets[1]: it is null", failure.getMessage());
        MessagePayload mention = new MessagePayloadBuilder(text).mentionedTargets(users).build();
        failure =
                assertThrows(
                        MessageException.InvalidArgument.class,
                        () -> client.sendMessage("admin", Conversations.group("group1"), mention));
        assertEquals("payload.mentioned_targets[1]", failure.getArgument());
        assertEquals(0, sandbox.requests().size());
    }

    @Test
    void null_where_a_value_must_be_is_refused_by_its_name() {
        NullPointerException failure =
                assertThrows(NullPointerException.class, () -> client.getDeliveryTimestamp(null));
        assertTrue(failure.getMessage().contains("userId"), failure.getMessage());
    }

    private static SendRequest request(int number) {
        return new SendRequest("admin", Conversations.single("user1"), Payloads.text("message " + number));
    }

    @Test
    void many_messages_have_an_outcome_each() {
        List<SendRequest> requests = new ArrayList<>();
        IntStream.range(0, 100).forEach(number -> requests.add(request(number)));
        requests.set(7, null);
        List<BulkProgress> told = new ArrayList<>();
        BulkOptions options = new BulkOptions(16, 5_000);
        List<SendOutcome> outcomes = client.sendMessages(requests, options, told::add);
        for (int number = 0; number < 100; number++) {
            SendOutcome outcome = outcomes.get(number);
            if (number == 7) {
                assertEquals("invalid argument request: it is null", outcome.getError().getMessage());
                assertThrows(MessageException.InvalidArgument.class, outcome::orThrow);
            } else {
                List<Long> executed = sandbox.messagesWithText("message " + number);
                assertEquals(executed, List.of(outcome.getSent().getMessageUid()));
            }
        }
        assertEquals(99, told.get(told.size() - 1).getSent());
        assertEquals(2, client.sendMessages(List.of(request(1), request(2))).size());
    }

    @Test
    void more_messages_than_memory_holds_are_taken_from_a_stream() {
        Stream<SendRequest> endless = Stream.iterate(0, number -> number + 1).map(JavaCallerTest::request);
        try (SendOutcomes outcomes = client.sendEach(endless::iterator, new BulkOptions(32, 0, StopOn.FAILURE))) {
            Iterator<SendOutcome> each = outcomes.iterator();
            for (int number = 0; number < 1_000; number++) {
                each.next().orThrow();
            }
        }
        assertTrue(sandbox.messageUids().size() >= 1_000);
    }

    @Test
    void options_are_built() {
        ClientOptions options =
                new ClientOptionsBuilder()
                        .connectTimeout(Duration.ofSeconds(1))
                        .readTimeout(Duration.ofMillis(200))
                        .maxAttempts(1)
                        .build();
        sandbox.failNext(Fault.NEVER_ANSWER);
        try (MessageClient hasty = new MessageClient(sandbox.getBaseUrl(), "123456", options)) {
            MessageException.TimedOut failure =
                    assertThrows(MessageException.TimedOut.class, () -> hasty.getDeliveryTimestamp("user1"));
            assertTrue(failure.getElapsed().toMillis() >= 190);
            assertEquals(1, failure.getAttempts());
        }
    }

    @Test
    void a_busy_server_is_called_again_and_the_failure_tells_how_often() {
        ClientOptions options =
                new ClientOptionsBuilder()
                        .maxAttempts(4)
                        .retryPause(Duration.ofMillis(1))
                        .retryPauseMax(Duration.ofMillis(1))
                        .rateLimit(1000)
                        .build();
        try (MessageClient patient = new MessageClient(sandbox.getBaseUrl(), "123456", options)) {
            sandbox.failNext(Fault.OVER_FREQUENCY, 3);
            patient.getDeliveryTimestamp("user1");
            sandbox.failNext(Fault.OVER_FREQUENCY, 4, "message/delivery");
            MessageException.RateLimited failure =
                    assertThrows(MessageException.RateLimited.class, () -> patient.getDeliveryTimestamp("user1"));
            assertEquals(4, failure.getAttempts());
            assertEquals(8, sandbox.requests().size());
        }
    }

    @Test
    void a_sandbox_makes_trouble_with_as_many_arguments_as_one_likes() {
        Duration delay = Duration.ofMillis(1);
        sandbox.failNext(Fault.DELAY_AFTER_READING, 1, null, delay);
        sandbox.failRandomly(List.of(Fault.DELAY_AFTER_READING), 1.0);
        sandbox.failRandomly(List.of(Fault.DELAY_AFTER_READING), 1.0, 7L);
        sandbox.failRandomly(List.of(Fault.DELAY_AFTER_READING), 1.0, 7L, "message/delivery");
        sandbox.failRandomly(List.of(Fault.DELAY_AFTER_READING), 1.0, 7L, null, delay);
        client.getDeliveryTimestamp("user1");
        client.getDeliveryTimestamp("user1");
        sandbox.stopFailing();
        client.getDeliveryTimestamp("user1");
        List<Fault> met = new ArrayList<>();
        sandbox.requests().forEach(request -> met.add(request.getFault()));
        assertEquals(Arrays.asList(Fault.DELAY_AFTER_READING, Fault.DELAY_AFTER_READING, null), met);
        sandbox.refuseConnections(delay);
    }

    @Test
    void an_exception_of_ones_own_tests_has_defaults_where_the_library_gained_fields() {
        assertEquals(1, new MessageException.Rejected("message/send", ErrorCode.NOT_EXIST, "not exist").getAttempts());
        MessageException.Unauthorized refused =
                new MessageException.Unauthorized("message/send", ErrorCode.SIGN_EXPIRED, "expired", 2, 7_500_000L);
        assertEquals(2, refused.getAttempts());
        assertEquals(7_500_000L, refused.getClockOffset());
        assertNull(new MessageException.Unauthorized("message/send", 401, "").getClockOffset());
    }

    @Test
    void a_sandbox_is_made_with_as_many_arguments_as_one_likes() {
        try (Sandbox community = new Sandbox("secret", Edition.COMMUNITY);
                MessageClient stranger = new MessageClient(community.getBaseUrl(), "secret")) {
            assertThrows(MessageException.NotSupported.class, () -> stranger.deleteMessage(1));
        }
        assertThrows(
                SandboxException.class,
                () -> new Sandbox("secret", Edition.COMMUNITY, "127.0.0.1", sandbox.getPort()));
    }

    @Test
    void an_interrupt_ends_a_call() throws InterruptedException {
        sandbox.failNext(Fault.NEVER_ANSWER);
        List<RuntimeException> seen = new ArrayList<>();
        Thread calling =
                new Thread(
                        () -> {
                            try {
                                client.getDeliveryTimestamp("user1");
                            } catch (MessageException.Interrupted interrupted) {
                                seen.add(interrupted);
                            }
                        });
        calling.start();
        Thread.sleep(300);
        calling.interrupt();
        calling.join(5_000);
        assertEquals(1, seen.size());
    }

    private static List<Class<?>> publicTypes() {
        return List.of(
                MessageClient.class,
                Sandbox.class,
                Conversations.class,
                Payloads.class,
                SendOutcome.class,
                SendOutcomes.class);
    }

    @Test
    void no_method_has_a_mangled_name_or_declares_an_exception() {
        for (Class<?> type : publicTypes()) {
            for (Method method : type.getMethods()) {
                if (method.getDeclaringClass() == type && !method.isSynthetic()) {
                    assertFalse(method.getName().contains("-") || method.getName().contains("$"), method.toString());
                    assertEquals(0, method.getExceptionTypes().length, method.toString());
                }
            }
        }
    }

    @Test
    void aRobotAnswersAMentionThatItsCallbackIsPosted() {
        sandbox.setRobot("FireRobot", "its secret");
        sandbox.setChannel("news", "ann", "its secret");
        var group = Conversations.group("g1");
        try (var robot = new RobotClient(sandbox.getBaseUrl(), "FireRobot", "its secret");
                var channel = new ChannelClient(sandbox.getBaseUrl(), "news", "its secret")) {
            var mention = List.of(Mentions.user("FireRobot", "FireRobot"));
            var uid = client.sendText("ann", group, "hi", mention).getMessageUid();
            var message = Callbacks.parseMessageCallback("{\"messageId\":" + uid + ",\"sender\":\"ann\"}");
            assertEquals("ann", message.getSender());
            var answer = robot.replyMessage(message.getMessageUid(), Payloads.text("hello"), true);
            assertEquals(List.of("ann"), client.getMessage(answer.getMessageUid()).getToUsers());
            channel.sendText("to all subscribers");
            var payload = Mentions.text(List.of(Mentions.everyone("all")), "lunch");
            assertEquals("@all lunch", payload.getSearchableContent());
            assertEquals(403, CensorAnswers.refuse().getStatus());
        }
    }
}
