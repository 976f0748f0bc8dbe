package example;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import chat.wildfire.message.Article;
import chat.wildfire.message.ArticlesContent;
import chat.wildfire.message.CompositeContent;
import chat.wildfire.message.Content;
import chat.wildfire.message.ContentExtras;
import chat.wildfire.message.ContentExtrasBuilder;
import chat.wildfire.message.Contents;
import chat.wildfire.message.Conversation;
import chat.wildfire.message.Conversations;
import chat.wildfire.message.Extras;
import chat.wildfire.message.FileContent;
import chat.wildfire.message.ImageContent;
import chat.wildfire.message.LinkContent;
import chat.wildfire.message.MentionedType;
import chat.wildfire.message.Message;
import chat.wildfire.message.MessageClient;
import chat.wildfire.message.MessageContent;
import chat.wildfire.message.MessageException;
import chat.wildfire.message.MessagePayload;
import chat.wildfire.message.MixFile;
import chat.wildfire.message.MixFileTextContent;
import chat.wildfire.message.PollContent;
import chat.wildfire.message.MessagePayloadBuilder;
import chat.wildfire.message.Sandbox;
import chat.wildfire.message.TextContent;
import chat.wildfire.message.TipContent;
import java.lang.reflect.Method;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Contents as they read in Java. */
class JavaContentTest {
    private final Sandbox sandbox = new Sandbox();
    private final MessageClient client = new MessageClient(sandbox.getBaseUrl(), "123456");
    private final Conversation group = Conversations.group("group1");

    @AfterEach
    void close() {
        client.close();
        sandbox.close();
    }

    @Test
    void a_text_is_sent_and_read_back_in_a_line_each() {
        long uid = client.sendMessage("admin", group, new TextContent("hi")).getMessageUid();
        MessageContent content = Contents.decodeContent(client.getMessage(uid));
        assertTrue(content instanceof MessageContent.Text text && text.getValue().getText().equals("hi"));
    }

    @Test
    void every_sending_method_takes_a_content_with_and_without_extras() {
        Content hi = new TextContent("hi");
        ContentExtras look = Extras.mentionEveryone();
        List<String> ann = List.of("ann");
        long uid = client.sendMessage("admin", group, hi).getMessageUid();
        client.sendMessage("admin", group, hi, look);
        client.sendMessage("admin", group, hi, look, ann);
        client.sendMessage("admin", group, hi, look, ann, true);
        client.updateMessage(uid, hi);
        client.updateMessage(uid, hi, look);
        client.updateMessage(uid, hi, look, false, "admin");
        client.multicastMessage("admin", ann, hi);
        client.multicastMessage("admin", ann, hi, look, 1);
        client.broadcastMessage("admin", hi);
        client.broadcastMessage("admin", hi, look, 1);
        assertEquals(11, sandbox.requests().size());
        assertEquals(look, Contents.contentExtras(client.getMessage(uid).getPayload()));
    }

    @Test
    void a_content_is_made_with_as_many_fields_as_one_likes() {
        assertNull(new ImageContent("https://files/i.png").getThumbnail());
        assertArrayEquals(new byte[] {1}, new ImageContent("https://files/i.png", new byte[] {1}).getThumbnail());
        assertEquals(480, new ImageContent("https://files/i.png", null, 640, 480).getHeight());
        assertEquals(7, new FileContent("plan.pdf", 7).getSize());
        assertEquals("", new LinkContent("The plan", "https://plan").getDigest());
        assertEquals(List.of(), new ArticlesContent(new Article("News")).getSubArticles());
        assertEquals(1, new PollContent("Tea?", "p1").getVisibility());
        assertEquals("", new MixFileTextContent("The plans", List.of(new MixFile("https://files/f"))).getFiles().get(0).getName());
        assertEquals(1001, new MessagePayload(1001, "searchable").getContentType());
    }

    @Test
    void who_is_mentioned_and_what_else_goes_with_a_content() {
        assertEquals(List.of("ann", "bob"), Extras.mention("ann", "bob").getMentionedTargets());
        assertEquals(Extras.mention("ann"), Extras.mention(List.of("ann")));
        assertEquals(MentionedType.EVERYONE, Extras.mentionEveryone().getMentionedType());
        ContentExtras extras = new ContentExtrasBuilder(Extras.mention("ann")).pushContent("psst").build();
        MessagePayload payload = new TextContent("hi").toPayload(extras);
        assertEquals("psst", payload.getPushContent());
        assertEquals(extras, Contents.contentExtras(payload));
        assertEquals("", new TextContent("hi").toPayload().getPushContent());
    }

    @Test
    void messages_are_quoted_and_forwarded() {
        Message question = client.getMessage(client.sendMessage("ann", group, new TextContent("Shall we?")).getMessageUid());
        Content answer = new TextContent("yes", question.quote());
        Message answered = client.getMessage(client.sendMessage("bob", group, answer).getMessageUid());
        assertEquals(new MessageContent.Text(new TextContent("yes", question.quote())), Contents.decodeContent(answered));

        CompositeContent history = new CompositeContent("Yes", List.of(question, answered));
        assertNull(history.toUpload());
        MessagePayload payload = history.toPayload();
        assertEquals(2, ((MessageContent.Composite) Contents.decodeContent(payload)).getValue().getMessages().size());
    }

    @Test
    void what_cannot_be_sent_is_refused_by_the_name_of_its_field() {
        MessageException.InvalidArgument failure =
                assertThrows(MessageException.InvalidArgument.class, () -> new TipContent("").toPayload());
        assertEquals("tip", failure.getArgument());
        failure = assertThrows(MessageException.InvalidArgument.class, () -> Contents.makeThumbnail(new byte[] {1}));
        assertEquals("image", failure.getArgument());
        List<String> users = new ArrayList<>(Arrays.asList("ann", null));
        failure =
                assertThrows(
                        MessageException.InvalidArgument.class,
                        () -> client.sendMessage("admin", group, new TextContent("hi"), Extras.mention(users)));
        assertEquals("extras.mentioned_targets[1]", failure.getArgument());
        assertEquals(0, sandbox.requests().size());
    }

    @Test
    void a_content_of_ones_own_is_sent_and_read_like_any_other() {
        long uid = client.sendMessage("shop", group, new OrderContent("2026-7"), Extras.mention("ann")).getMessageUid();
        MessageContent content = Contents.decodeContent(client.getMessage(uid));
        assertTrue(content instanceof MessageContent.Custom custom && custom.getPayload().getContent().equals("2026-7"));
    }

    /** A content of one's own, as an application writes it. */
    private record OrderContent(String number) implements Content {
        @Override
        public MessagePayload toPayload(ContentExtras extras) {
            MessagePayload payload =
                    new MessagePayloadBuilder(1001).searchableContent("Order " + number).content(number).build();
            return new MessageContent.Custom(payload).toPayload(extras);
        }
    }

    @Test
    void no_method_has_a_mangled_name_or_declares_an_exception() {
        List<Class<?>> types =
                List.of(Content.class, Contents.class, Extras.class, TextContent.class, CompositeContent.class);
        for (Class<?> type : types) {
            for (Method method : type.getMethods()) {
                if (method.getDeclaringClass() == type && !method.isSynthetic()) {
                    assertFalse(method.getName().matches(".*[-$].*|native.*"), method.toString());
                    assertEquals(0, method.getExceptionTypes().length, method.toString());
                }
            }
        }
    }
}
