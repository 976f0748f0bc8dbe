package example;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import chat.wildfire.message.Conversations;
import chat.wildfire.message.MessageClient;
import chat.wildfire.message.MessageException;
import chat.wildfire.message.Outbox;
import chat.wildfire.message.OutboxEntry;
import chat.wildfire.message.OutboxException;
import chat.wildfire.message.OutboxMessage;
import chat.wildfire.message.OutboxRequest;
import chat.wildfire.message.OutboxState;
import chat.wildfire.message.Payloads;
import chat.wildfire.message.Resolution;
import chat.wildfire.message.RunOptionsBuilder;
import chat.wildfire.message.RunProgress;
import chat.wildfire.message.Sandbox;
import chat.wildfire.message.SendRequest;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The outbox as it reads in Java. */
class JavaOutboxTest {
    @TempDir Path folder;

    private static SendRequest message(String user) {
        return new SendRequest("admin", Conversations.single(user), Payloads.text("Hello, " + user));
    }

    @Test
    void a_list_is_put_and_run() {
        try (Sandbox sandbox = new Sandbox();
                MessageClient client = new MessageClient(sandbox.getBaseUrl(), "123456");
                Outbox outbox = new Outbox("sqlite:" + folder.resolve("outbox.db"), client)) {
            long id = outbox.put(message("u1"), "order-7");
            assertEquals(id, outbox.put(message("u1"), "order-7"));
            List<OutboxMessage> messages =
                    List.of(new OutboxMessage(new OutboxRequest.Send(message("u2")), "order-8"));
            assertEquals(1, outbox.putMany(messages).getPut());

            assertTrue(client.multicastEach("admin", List.of("u1"), Payloads.text("x")).get(0).getOutcome().orThrow().getMessageUid() > 0);

            List<RunProgress> told = new ArrayList<>();
            RunProgress did = outbox.run(new RunOptionsBuilder().concurrency(4).build(), told::add);
            assertEquals(2, did.getSent());
            assertEquals(did, told.get(told.size() - 1));

            for (OutboxEntry entry : outbox.entries(OutboxState.SENT)) {
                assertTrue(entry.getRequest() instanceof OutboxRequest.Send);
            }
            assertEquals(OutboxState.SENT, outbox.wait("order-8", Duration.ofMinutes(1)).getState());
            assertThrows(OutboxException.WrongState.class, () -> outbox.resolve(id, Resolution.RESEND));
            assertThrows(MessageException.InvalidArgument.class, () -> outbox.putMany(Arrays.asList(messages.get(0), null)));
            assertEquals(2, outbox.purge(Duration.ZERO));
        }
    }
}
