package chat.wildfire.message

import java.time.Duration

/** The secret of every sandbox here; long and odd, so that a text that holds it cannot hide. */
const val SECRET = "canary-secret-7f3a91"

/** Far more than anything here takes: what goes on longer hangs. */
val LIMIT: Duration = Duration.ofSeconds(20)

/** A client and its sandbox, for one test. */
fun withServer(
    edition: Edition = Edition.PROFESSIONAL,
    options: ClientOptions? = null,
    test: (MessageClient, Sandbox) -> Unit,
) = Sandbox(SECRET, edition).use { sandbox ->
    MessageClient(sandbox.baseUrl, SECRET, options).use { client -> test(client, sandbox) }
}

/** The plainest message there is, to look at what a call does. */
fun MessageClient.sendHello(text: String = "hello"): SentMessage =
    sendMessage("admin", Conversation.single("user1"), MessagePayload.text(text))
