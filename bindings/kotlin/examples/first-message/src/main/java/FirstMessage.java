import chat.wildfire.message.Conversations;
import chat.wildfire.message.Message;
import chat.wildfire.message.MessageClient;
import chat.wildfire.message.MessageException;
import chat.wildfire.message.Payloads;
import chat.wildfire.message.Sandbox;
import chat.wildfire.message.SentMessage;

/** A first message, from Java: to the embedded server, or to the one that URL and SECRET name. */
public final class FirstMessage {
    public static void main(String[] arguments) {
        if (arguments.length == 2) {
            send(arguments[0], arguments[1]);
        } else {
            try (Sandbox sandbox = new Sandbox()) {
                send(sandbox.getBaseUrl(), "123456");
            }
        }
    }

    private static void send(String url, String secret) {
        try (MessageClient client = new MessageClient(url, secret)) {
            SentMessage sent = client.sendMessage("admin", Conversations.group("group1"), Payloads.text("Hello."));
            Message message = client.getMessage(sent.getMessageUid());
            System.out.println("sent: " + message.getPayload().getSearchableContent());
            client.getMessage(1);
        } catch (MessageException.Rejected rejected) {
            System.out.println("rejected with code " + rejected.getCode() + ": " + rejected.getMessage());
        } catch (MessageException failure) {
            System.out.println(failure.getMessage());
            System.out.println(failure.mayHaveExecuted() ? "look before sending again" : "safe to send again");
        }
    }
}
