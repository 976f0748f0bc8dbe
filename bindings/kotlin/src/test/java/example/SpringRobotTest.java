package example;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import chat.wildfire.message.CallbackFault;
import chat.wildfire.message.Conversation;
import chat.wildfire.message.Conversations;
import chat.wildfire.message.Fault;
import chat.wildfire.message.Mentions;
import chat.wildfire.message.MessageClient;
import chat.wildfire.message.RobotClient;
import chat.wildfire.message.Sandbox;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.List;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.springframework.boot.SpringApplication;
import org.springframework.context.ConfigurableApplicationContext;

/** The example for Spring Boot, started as its users start it, against the callbacks of the sandbox. */
@Timeout(120)
class SpringRobotTest {
    private static final String ROBOT = "FireRobot";
    private static final String PATH = "/a-path-that-nobody-guesses";
    private static final Conversation GROUP = Conversations.group("g1");

    private final Sandbox sandbox = new Sandbox("123456");
    private final MessageClient admin = new MessageClient(sandbox.getBaseUrl(), "123456");
    private String url;
    private ConfigurableApplicationContext application;

    @BeforeEach
    void start() throws Exception {
        // The Logback of these tests is older than the one that Spring Boot knows how to set up.
        System.setProperty("org.springframework.boot.logging.LoggingSystem", "none");
        sandbox.setRobot(ROBOT, "secret");
        int port;
        try (ServerSocket free = new ServerSocket(0)) {
            port = free.getLocalPort();
        }
        url = "http://127.0.0.1:" + port;
        application = SpringApplication.run(
                MentionRobot.class,
                "--server.port=" + port,
                "--spring.main.banner-mode=off",
                "--WILDFIRECHAT_URL=" + sandbox.getBaseUrl(),
                "--ROBOT_ID=" + ROBOT,
                "--ROBOT_SECRET=secret",
                "--PUBLIC_URL=" + url,
                "--CALLBACK_PATH=" + PATH);
    }

    @AfterEach
    void stop() {
        application.close();
        admin.close();
        sandbox.close();
    }

    @Test
    void itAnswersEachMentionOnceAndNeitherItselfNorOthers() throws Exception {
        try (RobotClient robot = new RobotClient(sandbox.getBaseUrl(), ROBOT, "secret")) {
            assertEquals(url + PATH, robot.getCallback());
        }
        sandbox.failCallbacks(CallbackFault.REPEAT);
        admin.sendText("ann", GROUP, "are you there?", List.of(Mentions.user(ROBOT, "Robot")));
        until(() -> sandbox.messagesWithText("You said: @Robot are you there?").size() == 1);
        admin.sendText("ann", GROUP, "nobody is meant");
        admin.sendText("bob", Conversations.single(ROBOT), "hello");
        until(() -> sandbox.messagesWithText("You said: hello").size() == 1);
        // All is posted: the mention twice, its answer, what nobody is meant by, and what was said to the robot alone.
        until(() -> sandbox.callbacks().size() == 5);
        sandbox.callbacks().forEach(posted -> assertEquals(200, posted.getStatus()));
        assertEquals(5, sandbox.messageUids().size());
        assertEquals(
                Conversations.single("bob"),
                admin.getMessage(sandbox.messagesWithText("You said: hello").get(0)).getConversation());
    }

    @Test
    void whatIsNoMessageIsRefusedAndAnotherPathIsNotThere() throws Exception {
        assertEquals(404, post("/", "{}").statusCode());
        assertEquals(404, post("/guessed", "{}").statusCode());
        HttpResponse<String> refused = post(PATH, "{}");
        assertEquals(400, refused.statusCode());
        assertTrue(refused.body().contains("it is no message"), refused.body());
    }

    @Test
    void theServerDoesNotWaitForTheWork() throws Exception {
        sandbox.failNext(Fault.NEVER_ANSWER, 1, "robot/message/send");
        String question = "{\"messageId\":7,\"sender\":\"ann\",\"conv\":{\"type\":0,\"target\":\"FireRobot\",\"line\":0},"
                + "\"payload\":{\"type\":1,\"searchableContent\":\"hello\"},\"timestamp\":1}";
        // The robot's own call waits for 15 seconds.
        long begun = System.nanoTime();
        assertEquals(200, post(PATH, question).statusCode());
        assertTrue(System.nanoTime() - begun < Duration.ofSeconds(12).toNanos());
        until(() -> sandbox.requests().stream().anyMatch(request -> request.getFault() == Fault.NEVER_ANSWER));
    }

    private HttpResponse<String> post(String path, String body) throws Exception {
        HttpRequest request = HttpRequest.newBuilder(URI.create(url + path))
                .header("Content-Type", "application/json; charset=utf-8")
                .POST(BodyPublishers.ofString(body))
                .build();
        return HttpClient.newHttpClient().send(request, BodyHandlers.ofString());
    }

    private static void until(BooleanSupplier happened) throws InterruptedException {
        long end = System.nanoTime() + Duration.ofSeconds(60).toNanos();
        while (!happened.getAsBoolean()) {
            assertTrue(System.nanoTime() < end, "waited in vain");
            Thread.sleep(10);
        }
    }
}
