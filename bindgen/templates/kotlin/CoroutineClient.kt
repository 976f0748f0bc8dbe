// The calls are generated from the methods of the Rust client and the records that they take.

package chat.wildfire.message

{% if client.bulk.is_some() %}import kotlinx.coroutines.flow.Flow
import kotlinx.coroutines.flow.asFlow
{% endif %}{% if client.upload.is_some() %}import java.io.File
import java.nio.file.Path
{% endif %}{% if client.upload.is_some() || client.bulk.is_some() %}import java.time.Duration
import java.util.function.Consumer
{% else %}import java.time.Duration
{% endif %}
/**
 * [{{ client.name }}] for coroutines: the same methods as `suspend` functions, which block no thread. It needs
 * `kotlinx-coroutines-core`, which your project must add.
 *
 * One thread of the native library drives all calls of a client, and another thread reports which calls have finished;
 * both end a second after the last call. 128 calls are under way at the same time, each on a connection of its own; the
 * others wait for a connection, and that wait counts towards [ClientOptions.totalTimeout].
 *
 * If a coroutine is cancelled, its call ends within a fifth of a second: when the `CancellationException` is thrown, no
 * request is sent any more, and [MessageException.Interrupted.of] finds in it what is known of the call, including its
 * answer if that had already arrived. The same holds for the exception of `withTimeout`; if a time-out ends several
 * calls, it has one suppressed [MessageException.Interrupted] for each.
 *
 * Java, which has no coroutines, uses [{{ client.name }}].
 *
 * @constructor A client of the server at [baseUrl]. Fails with [MessageException.InvalidArgument] when the URL is not
 * a plain http or https one,{% if client.id().is_some() %} the id or{% endif %} the secret is empty, or an option or a part of the credentials can never work.
{%- for line in parameters %}
 * {{ line }}
{%- endfor %}
 * @param options time-outs, attempts, connections, proxy, certificates; null for the defaults.
 * @param credentials what a proxy or a gateway on the way requires; null for nothing.
 */
class {{ name }}(
{%- include "kotlin/constructor.kt" %}

    private val awaited = native.use { AwaitedCalls(it.access) }
    private val log = CallLog({{ name }}::class.java.name)
{%- for call in calls %}
{% include "kotlin/method.kt" %}
{%- endfor %}
{%- if let Some(bulk) = client.bulk %}

    /**
     * Sends many messages, several at the same time, and returns the outcome of each, in their order. {{ bulk.endpoint }};
     * {{ bulk.servers }}.{% if let Some(sender) = client.sender() %} The {{ sender }} is the sender of all of them, whatever sender a request names, and needs the right to send them.{% endif %}
     *
     * It does what [{{ client.name }}.sendMessages] does. Cancelling ends it within a fifth of a second, and an
     * exception of [progress] ends it too; [MessageException.Interrupted.of] finds in the exception the outcome of each
     * message. Threads of [kotlinx.coroutines.Dispatchers.IO] wait for it, one after the other.
     *
     * @param requests the messages.
     * @param options how many messages are sent at the same time and per second, what ends the sending early, whether
     * any order will do, and how long to wait for a server that accepts nothing; null for the defaults.
     * @param progress is called in the calling coroutine with the progress, at most ten times per second; null for
     * none.
     */
    suspend fun sendMessages(
        requests: Collection<SendRequest>,
        options: BulkOptions? = null,
        progress: Consumer<BulkProgress>? = null,
    ): List<SendOutcome> {
        val outcomes = ArrayList<SendOutcome>(requests.size)
        try {
            val sent = sending(requests.asFlow(), progress, log, isSized = true) { beginBulk(options, requests.size) }
            sent.collect { outcomes += it }
            return outcomes
        } catch (failure: Throwable) {
            MessageException.Interrupted.of(failure)?.let { it.with(outcomes + it.outcomes) }
            throw failure
        }
    }

    /**
     * Sends the messages of a flow and returns a flow of the outcomes, in their order, as the function `sendEach` does
     * for a [{{ client.name }}] and a flow.
     *
     * @param requests the messages; the source may be endless.
     * @param options how many messages are sent at the same time and per second, what ends the sending early, whether
     * any order will do, and how long to wait for a server that accepts nothing; null for the defaults.
     * @param progress is called in the collecting coroutine with the progress, at most ten times per second; null for
     * none.
     */
    fun sendEach(
        requests: Flow<SendRequest>,
        options: BulkOptions? = null,
        progress: Consumer<BulkProgress>? = null,
    ): Flow<SendOutcome> = sending(requests, progress, log) { beginBulk(options, size = null) }

    /**
     * Sends more messages than fit into memory and returns a flow of the outcomes, as the other `sendEach` does.
     *
     * @param requests the messages; the source may be endless.
     * @param options how many messages are sent at the same time and per second, what ends the sending early, whether
     * any order will do, and how long to wait for a server that accepts nothing; null for the defaults.
     * @param progress is called in the collecting coroutine with the progress, at most ten times per second; null for
     * none.
     */
    fun sendEach(
        requests: Iterable<SendRequest>,
        options: BulkOptions? = null,
        progress: Consumer<BulkProgress>? = null,
    ): Flow<SendOutcome> = sendEach(requests.asFlow(), options, progress)
{%- endif %}
{%- if let Some(asked) = client.stream %}

    /**
     * Sends a text that grows while receivers read it, such as the answer of a language model, and returns the message with
     * the whole text. {{ asked.endpoint }}; {{ asked.servers }}.{% if let Some(sender) = client.sender() %} The {{ sender }} is the sender, and needs the right to
     * send to the conversation.{% endif %}
     *
     * The first piece is sent immediately; the others are gathered, and receivers see the text so far in steps, at most one
     * in each interval. At the end the whole text is sent as an ordinary message, which is stored; the steps are not. A step
     * that does not arrive does no harm, because the next one has its text too; if the server accepts no more for now, the
     * steps slow down.
     *
     * If the text is not finished, because [pieces] throws, the coroutine is cancelled or the server refuses it, receivers who have
     * seen some of it see that it was cancelled. [MessageException.StreamFailed] says what they see;
     * [MessageException.Interrupted.of] finds it in any other exception that ended the text. The end takes two seconds at the
     * most.
     *
{%- let pieces = "Flow<String>" %}
{%- include "kotlin/stream_docs.kt" %}
     */
    suspend fun streamText({%- include "kotlin/stream_parameters.kt" %}
    ): SentMessage =
        sendAll(beginStream({% if client.id().is_none() %}sender, {% endif %}conversation, interval, toUsers, streamId, extras), pieces)

    /**
     * Sends a text that grows while receivers read it, as the other `streamText` does.
     *
{%- let pieces = "Iterable<String>" %}
{%- include "kotlin/stream_docs.kt" %}
     */
    suspend fun streamText({%- include "kotlin/stream_parameters.kt" %}
    ): SentMessage =
        streamText({% if client.id().is_none() %}sender, {% endif %}conversation, pieces.asFlow(), interval, toUsers, streamId, extras)

    /**
     * Begins a text that grows while receivers read it, to which you append the pieces; nothing is sent before the first
     * one. Otherwise as the `streamText` that takes the pieces.
     *
{%- let pieces = "" %}
{%- include "kotlin/stream_docs.kt" %}
     */
    fun streamText({%- include "kotlin/stream_parameters.kt" %}
    ): CoroutineTextStream = CoroutineTextStream(beginStream({% if client.id().is_none() %}sender, {% endif %}conversation, interval, toUsers, streamId, extras))

{% include "kotlin/stream_begin.kt" %}
{%- endif %}
{%- if let Some(asked) = client.multicasts %}

    /**
     * Sends one message to many users, in multicasts, and gives the outcome of each part, in order. {{ asked.endpoint }};
     * {{ asked.servers }}.
     *
     * It does what [{{ client.name }}.multicastEach] does. Cancelling ends it within a fifth of a second;
     * [MessageException.Interrupted.of] finds in the exception the outcome of each part. A thread of
     * [kotlinx.coroutines.Dispatchers.IO] waits for it.
     *
     * @param sender id of the user who sends it.
     * @param receivers ids of the users who get it.
     * @param payload what it says.
     * @param line the conversation line that it is sent on.
     * @param size how many receivers each part has.
     * @param options how many parts are under way at once, how many go a second, and how long a server that takes nothing is
     * waited for; nothing else of the options matters here. Null for the defaults.
     */
    suspend fun multicastEach(
        sender: String,
        receivers: List<String>,
        payload: MessagePayload,
        line: Int = 0,
        size: Int = 1_000,
        options: BulkOptions? = null,
    ): List<MulticastPart> = native.use { opened ->
        val request = MulticastEach(sender, receivers, payload, line, size)
        awaitMulticasts { translatingErrors(request) { opened.calls.beginMulticasts(request, options) } }
    }
{%- endif %}

{% include "kotlin/common.kt" %}
{%- if let Some(asked) = client.upload %}

    /**
     * Uploads bytes for a message and returns the URL of the file, which is the value for `remoteMediaUrl`.
     * {{ asked.endpoint }}; {{ asked.servers }}.
     *
     * The server names a file store, to which the bytes are streamed, and a back-up store that is used if the first one
     * does not accept them. Together at most `maxAttempts` attempts are made. The upload may take any time, but not be
     * silent for longer than `readTimeout`. Cancelling ends it within a fifth of a second, as does an exception of
     * [progress]. A thread of [kotlinx.coroutines.Dispatchers.IO] waits for it.
     *
     * An upload sends no message, so `mayHaveExecuted` is false for all its errors; their `endpoint` is the step that
     * failed: `{{ asked.endpoint }}`, `file store` or `backup file store`.
     *
     * @param fileName the name of the file for the server.
     * @param data the bytes of the file.
     * @param mediaType the kind of the file, a number of [MediaType].
     * @param contentType the content type, such as `image/jpeg`; null to guess it from the ending of [fileName].
     * @param progress is called in the calling coroutine with the progress, at most ten times per second and at the
     * end; null for none.
     */
    suspend fun upload(
        fileName: String,
        data: ByteArray,
        mediaType: Int,
        contentType: String? = null,
        progress: Consumer<UploadProgress>? = null,
    ): String {
        val arguments = mapOf("file_name" to fileName, "data" to data, "content_type" to contentType)
        return upload(arguments, progress) { it.beginUpload(fileName, data, mediaType, contentType) }
    }

    /**
     * Uploads a file on this machine, which need not fit into memory, as the other `upload` does. It fails with
     * [MessageException.InvalidArgument] if the file cannot be read, or changes its size while it is read.
     *
     * @param fileName what the server is told that the file is called; it may differ from its name on this machine.
     * @param path the path of the file on this machine.
     * @param mediaType the kind of the file, a number of [MediaType].
     * @param contentType the content type, such as `image/jpeg`; null to guess it from the ending of [fileName].
     * @param progress is called in the calling coroutine with the progress, at most ten times per second and at the
     * end; null for none.
     */
    suspend fun upload(
        fileName: String,
        path: Path,
        mediaType: Int,
        contentType: String? = null,
        progress: Consumer<UploadProgress>? = null,
    ): String = uploadFile(fileName, path.toString(), mediaType, contentType, progress)

    /**
     * Uploads a file on this machine, as the other `upload` does.
     *
     * @param fileName what the server is told that the file is called; it may differ from its name on this machine.
     * @param file the file on this machine.
     * @param mediaType the kind of the file, a number of [MediaType].
     * @param contentType the content type, such as `image/jpeg`; null to guess it from the ending of [fileName].
     * @param progress is called in the calling coroutine with the progress, at most ten times per second and at the
     * end; null for none.
     */
    suspend fun upload(
        fileName: String,
        file: File,
        mediaType: Int,
        contentType: String? = null,
        progress: Consumer<UploadProgress>? = null,
    ): String = uploadFile(fileName, file.path, mediaType, contentType, progress)
{%- endif %}
{%- for call in files %}
{% include "kotlin/method.kt" %}
{%- endfor %}
{%- if let Some(asked) = client.upload %}

    private suspend fun uploadFile(
        fileName: String,
        path: String,
        mediaType: Int,
        contentType: String?,
        progress: Consumer<UploadProgress>?,
    ): String {
        val arguments = mapOf("file_name" to fileName, "path" to path, "content_type" to contentType)
        return upload(arguments, progress) { it.beginFileUpload(fileName, path, mediaType, contentType) }
    }

    private suspend fun upload(
        arguments: Any,
        progress: Consumer<UploadProgress>?,
        begin: ({{ client.native() }}) -> NativeUpload,
    ): String = native.use { opened ->
        log.updateLevel(opened.access)
        awaitUpload("{{ asked.endpoint }}", opened.access, log, progress, { it.url }) {
            translatingErrors(arguments) { begin(opened.calls) }
        }
    }
{%- if !files.is_empty() %}

    private suspend fun sendFile(
        endpoint: String,
        request: Any,
        progress: Consumer<UploadProgress>?,
        begin: ({{ client.native() }}) -> NativeUpload,
    ): SentMessage = native.use { opened ->
        log.updateLevel(opened.access)
        awaitUpload(endpoint, opened.access, log, progress, { it.sent }) {
            translatingErrors(request) { begin(opened.calls) }
        }
    }
{%- endif %}
{%- endif %}
{%- if client.bulk.is_some() %}

    /** @param size how many messages will come, where that is known. */
    private fun beginBulk(options: BulkOptions?, size: Int?): NativeBulk =
        native.use { opened ->
            translatingErrors(NO_ARGUMENTS) {
                log.updateLevel(opened.access)
                opened.calls.beginBulk(options, size?.toLong())
            }
        }
{%- endif %}
{%- if client.bulk.is_some() %}

    /** For what sends by this client, and keeps what it needs of it. */
    // Internal functions are public to Java.
    @JvmSynthetic
    internal fun <R> withNative(work: ({{ client.native() }}) -> R): R = native.use { work(it.calls) }
{%- endif %}

    /** [arguments] are only used to find the argument that cannot be passed to the native library. */
    private suspend fun <R> call(
        endpoint: String,
        arguments: Any,
        begin: ({{ client.native() }}) -> Any?,
        answer: (Answer) -> R,
    ): R = native.use { opened ->
        var begun: BegunCall? = null
        val start = {
            begun = log.begins(endpoint)
            log.carry(opened.access, begun)
            ticket(opened, arguments, begin)
        }
        awaited.await(endpoint, start) { ticket ->
            translatingErrors(NO_ARGUMENTS) { log.around(opened.access, begun) { answer(opened.access.resume(ticket)) } }
        }
    }

    /** The ticket of a call. No call of this client returns its answer at once: each fails with its ticket. */
    private fun ticket(
        opened: Opened<{{ client.native() }}>,
        arguments: Any,
        begin: ({{ client.native() }}) -> Any?,
    ): Long = translatingErrors(arguments) {
        log.updateLevel(opened.access)
        try {
            begin(opened.calls)
            throw nativeDefect()
        } catch (pending: NativeMessageException.Pending) {
            pending.ticket
        }
    }

    private companion object {
        val NO_ARGUMENTS = emptyMap<String, Any>()
    }
}
