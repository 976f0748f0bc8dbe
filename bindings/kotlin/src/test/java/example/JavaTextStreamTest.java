package example;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import chat.wildfire.message.Conversations;
import chat.wildfire.message.MessageClient;
import chat.wildfire.message.MessageException;
import chat.wildfire.message.RobotClient;
import chat.wildfire.message.Sandbox;
import chat.wildfire.message.SentMessage;
import chat.wildfire.message.TextStream;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Texts that grow, as they read in Java. */
class JavaTextStreamTest {
    private static final List<String> PIECES = List.of("The capital ", "of France ", "is Paris.");

    @Test
    void pieces_come_from_a_list_or_a_stream() {
        try (Sandbox sandbox = new Sandbox();
                MessageClient client = new MessageClient(sandbox.getBaseUrl(), "123456")) {
            SentMessage sent = client.streamText("admin", Conversations.single("u1"), PIECES);
            assertEquals(
                    "The capital of France is Paris.",
                    client.getMessage(sent.getMessageUid()).getPayload().getSearchableContent());
            Stream<String> stream = PIECES.stream().map(String::toUpperCase);
            client.streamText("admin", Conversations.single("u1"), stream::iterator, Duration.ofHours(1));
            assertEquals(2, sandbox.streamedTexts().stream().filter(step -> step.getContentType() == 15).count());
        }
    }

    @Test
    void a_text_is_fed_by_hand() {
        try (Sandbox sandbox = new Sandbox()) {
            sandbox.setRobot("FireRobot", "its secret");
            try (RobotClient robot = new RobotClient(sandbox.getBaseUrl(), "FireRobot", "its secret");
                    TextStream text = robot.streamText(Conversations.group("g1"))) {
                PIECES.forEach(text::append);
                assertTrue(text.finish().getMessageUid() > 0);
            }
        }
    }

    @Test
    void a_piece_that_is_null_is_refused_by_its_place() {
        try (Sandbox sandbox = new Sandbox();
                MessageClient client = new MessageClient(sandbox.getBaseUrl(), "123456")) {
            MessageException.InvalidArgument refused =
                    assertThrows(
                            MessageException.InvalidArgument.class,
                            () ->
                                    client.streamText(
                                            "admin", Conversations.single("u1"), Arrays.asList("a", null)));
            assertEquals("pieces[1]", refused.getArgument());
        }
    }
}
