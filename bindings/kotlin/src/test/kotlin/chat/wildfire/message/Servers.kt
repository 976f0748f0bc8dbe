package chat.wildfire.message

import java.time.Duration

/** The secret of every sandbox in the tests; it is long and unusual, so that a text that contains it is found. */
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
