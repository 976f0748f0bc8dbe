package example;

import chat.wildfire.message.Callbacks;
import chat.wildfire.message.Conversation;
import chat.wildfire.message.ConversationType;
import chat.wildfire.message.Conversations;
import chat.wildfire.message.Message;
import chat.wildfire.message.MessageException;
import chat.wildfire.message.RobotClient;
import jakarta.annotation.PreDestroy;
import java.util.ArrayDeque;
import java.util.List;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.SpringBootApplication;
import org.springframework.boot.context.event.ApplicationReadyEvent;
import org.springframework.context.event.EventListener;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RestController;

/** Spring Boot: a robot that answers whoever mentions it. */
@SpringBootApplication
@RestController
public class MentionRobot {
    private static final Logger LOG = LoggerFactory.getLogger(MentionRobot.class);

    private final String id;
    private final String callbackUrl;
    private final RobotClient robot;
    // One thread, for which at most 1000 messages wait.
    private final ThreadPoolExecutor work =
            new ThreadPoolExecutor(1, 1, 0, TimeUnit.SECONDS, new ArrayBlockingQueue<>(1000));
    private final ArrayDeque<Long> seen = new ArrayDeque<>();

    public MentionRobot(
            @Value("${WILDFIRECHAT_URL}") String url,
            @Value("${ROBOT_ID}") String id,
            @Value("${ROBOT_SECRET}") String secret,
            @Value("${PUBLIC_URL}${CALLBACK_PATH}") String callbackUrl) {
        this.id = id;
        this.callbackUrl = callbackUrl;
        robot = new RobotClient(url, id, secret);
    }

    /** Tells the server where to post, when the application is ready. */
    @EventListener(ApplicationReadyEvent.class)
    public void ready() {
        robot.setCallback(callbackUrl);
    }

    /** Takes what the server posts, and answers at once. Nobody signs what is posted, so the path is a secret. */
    @PostMapping("${CALLBACK_PATH}")
    public ResponseEntity<String> callback(@RequestBody byte[] body) {
        try {
            Message message = Callbacks.parseMessageCallback(body);
            work.execute(() -> answer(message));
            return ResponseEntity.ok().build();
        } catch (MessageException.InvalidArgument error) {
            return ResponseEntity.badRequest().body(error.getReason());
        }
    }

    /** Answers where the robot was mentioned, or who wrote to it alone. */
    private void answer(Message message) {
        // A robot hears its own messages in groups, and anything may come twice.
        if (message.getSender().equals(id) || seen.contains(message.getMessageUid())) return;
        seen.add(message.getMessageUid());
        if (seen.size() > 1000) seen.remove();
        Conversation conversation = message.getConversation();
        if (conversation.getKind() == ConversationType.SINGLE) {
            conversation = Conversations.single(message.getSender());
        } else if (!message.getPayload().getMentionedTargets().contains(id)) {
            return;
        }
        try {
            String text = "You said: " + message.getPayload().getSearchableContent();
            robot.sendText(conversation, text, List.of(), message.quote());
        } catch (MessageException error) {
            LOG.error("message {} was not answered", message.getMessageUid(), error);
        }
    }

    /** Ends with what is under way. */
    @PreDestroy
    public void stop() {
        work.shutdownNow();
        robot.close();
    }

    /** Starts it; its settings are environment variables. */
    public static void main(String[] args) {
        SpringApplication.run(MentionRobot.class, args);
    }
}
