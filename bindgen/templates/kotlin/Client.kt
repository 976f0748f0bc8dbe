// The calls are generated from the methods of the Rust client and the records that they take.

package chat.wildfire.message

{% if client.upload.is_some() %}import java.io.File
import java.nio.file.Path
{% endif %}{% if client.stream.is_some() %}import java.time.Duration
{% endif %}{% if client.upload.is_some() || client.bulk.is_some() %}import java.util.function.Consumer

{% endif %}/**
 * {{ client.intro }} Its methods block until the answer is there, a time-out is over, or the call
 * failed with a [MessageException].
{%- for line in docs %}
 *{% if line != "" %} {{ line }}{% endif %}
{%- endfor %}
 *
 * Any number of threads may share one client. Making a client opens no connection; a program may have several clients,
 * for different servers. The methods of endpoints that only professional servers have fail with
 * [MessageException.NotSupported] on a community server.
 *
 * [Thread.interrupt] ends a call within a fifth of a second, with [MessageException.Interrupted] and the thread's
 * interrupt flag set; a thread that is already interrupted sends nothing. If the answer or an error has arrived first,
 * the method returns or throws it, and the flag is set too. In coroutines, make the call in `runInterruptible` and
 * store the answer inside of it, because Kotlin drops what a cancelled coroutine returns.
 *
 * The [Logger][java.util.logging.Logger] `chat.wildfire.message` gets the log of the calls: at `FINE` how each call
 * ended, at `INFO` that a call was tried again, and at `WARNING` that it is unknown whether the server executed a call.
 * Each line is a [CallLogRecord]. A level that is switched off costs nothing. Using plain HTTP to another machine logs
 * one warning per server and process.
 *
 * Times are milliseconds since the epoch.
 *
 * @constructor A client of the server at [baseUrl]. Fails with [MessageException.InvalidArgument] when the URL is not
 * a plain http or https one,{% if client.id().is_some() %} the id or{% endif %} the secret is empty, or an option or a
 * part of the credentials can never work.
{%- for line in parameters %}
 * {{ line }}
{%- endfor %}
 * @param options time-outs, attempts, connections, proxy, certificates; null for the defaults.
 * @param credentials what a proxy or a gateway on the way requires; null for nothing.
 */
class {{ client.name }} @JvmOverloads constructor(
{%- include "kotlin/constructor.kt" %}

{% if client.bulk.is_some() %}    // Internal properties are public to Java.
    @get:JvmSynthetic
    internal val log = CallLog({% else %}    private val log = CallLog({% endif %}{{ client.name }}::class.java.name)
{%- for call in calls %}
{% include "kotlin/method.kt" %}
{%- endfor %}
{%- if let Some(bulk) = client.bulk %}

    /**
     * Sends many messages, several at the same time, and returns the outcome of each, in their order.
     * {{ bulk.endpoint }}; {{ bulk.servers }}.{% if let Some(sender) = client.sender() %} The {{ sender }} is the
     * sender of all of them, whatever sender a request names, and needs the right to send them.{% endif %}
     *
     * A message is tried again if that is safe, and never sent twice. If one fails, the others are still sent. Messages
     * of one conversation are sent one after the other, in their order. If the server accepts no more for now, all
     * messages slow down together; if the server goes away, the method waits for it until the patience is over. All
     * messages and outcomes must fit into memory; with [sendEach] they need not.
     *
     * [Thread.interrupt] ends it within a fifth of a second, with the interrupt flag set: finished outcomes are kept,
     * and the outcomes of the other messages are [MessageException.Interrupted]. An exception of [requests] or
     * [progress] ends it too; [MessageException.Interrupted.of] then finds the outcomes of the messages.
     *
     * @param requests the messages.
     * @param options how many messages are sent at the same time and per second, what ends the sending early, whether
     * any order will do, and how long to wait for a server that accepts nothing; null for the defaults.
     * @param progress is called on this thread with the progress, at most ten times per second; null for none.
     */
    @JvmOverloads
    fun sendMessages(
        requests: Collection<SendRequest>,
        options: BulkOptions? = null,
        progress: Consumer<BulkProgress>? = null,
    ): List<SendOutcome> {
        val outcomes = ArrayList<SendOutcome>(requests.size)
        beginBulk(requests, options, progress).use { bulk ->
            try {
                while (true) outcomes += bulk.next() ?: return outcomes
            } catch (failure: Throwable) {
                MessageException.Interrupted.of(failure)?.let { it.with(outcomes + it.outcomes) }
                throw failure
            }
        }
    }

    /**
     * Sends more messages than fit into memory, as [sendMessages] does, and returns the outcomes one by one, in their
     * order.
     *
     * Messages are taken from [requests] and sent while you iterate over the outcomes, at most 8192 ahead of the
     * outcomes. If it is interrupted or ends early, the outcomes end after the messages that were taken, or after all
     * messages if [requests] is a collection.
     *
     * @param requests the messages; the source may be endless.
     * @param options how many messages are sent at the same time and per second, what ends the sending early, whether
     * any order will do, and how long to wait for a server that accepts nothing; null for the defaults.
     * @param progress is called on the iterating thread with the progress, at most ten times per second; null for none.
     */
    @JvmOverloads
    fun sendEach(
        requests: Iterable<SendRequest>,
        options: BulkOptions? = null,
        progress: Consumer<BulkProgress>? = null,
    ): SendOutcomes = SendOutcomes { beginBulk(requests, options, progress) }

    /**
     * Sends the messages of a sequence, as the other `sendEach` does.
     *
     * @param requests the messages; the source may be endless.
     * @param options how many messages are sent at the same time and per second, what ends the sending early, whether
     * any order will do, and how long to wait for a server that accepts nothing; null for the defaults.
     * @param progress is called on the iterating thread with the progress, at most ten times per second; null for none.
     */
    // Java would not know which one is meant by `stream::iterator`.
    @JvmSynthetic
    fun sendEach(
        requests: Sequence<SendRequest>,
        options: BulkOptions? = null,
        progress: Consumer<BulkProgress>? = null,
    ): SendOutcomes = sendEach(requests.asIterable(), options, progress)
{%- endif %}
{%- if let Some(asked) = client.multicasts %}

    /**
     * Sends one message to many users, in multicasts, and gives the outcome of each part, in order. {{ asked.endpoint }};
     * {{ asked.servers }}.
     *
     * That is the vendor's own advice for one text to many: a thousandth of the requests. Each part is tried again where that
     * is safe, and never sent twice. [Thread.interrupt] ends it within a fifth of a second, with the interrupt flag set: the
     * outcomes of the parts that are not finished are [MessageException.Interrupted].
     *
     * @param sender id of the user who sends it.
     * @param receivers ids of the users who get it.
     * @param payload what it says.
     * @param line the conversation line that it is sent on.
     * @param size how many receivers each part has.
     * @param options how many parts are under way at once, how many go a second, and how long a server that takes nothing is
     * waited for; nothing else of the options matters here. Null for the defaults.
     */
    @JvmOverloads
    fun multicastEach(
        sender: String,
        receivers: List<String>,
        payload: MessagePayload,
        line: Int = 0,
        size: Int = 1_000,
        options: BulkOptions? = null,
    ): List<MulticastPart> = native.use { opened ->
        val request = MulticastEach(sender, receivers, payload, line, size)
        Multicasts(translatingErrors(request) { opened.calls.beginMulticasts(request, options) }).use { it.finish() }
    }
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
     * If the text is not finished, because [pieces] throws, the thread is interrupted or the server refuses it, receivers who have
     * seen some of it see that it was cancelled. [MessageException.StreamFailed] says what they see;
     * [MessageException.Interrupted.of] finds it in any other exception that ended the text. The end takes two seconds at the
     * most.
     *
{%- let pieces = "Iterable<String>" %}
{%- include "kotlin/stream_docs.kt" %}
     */
    @JvmOverloads
    fun streamText({%- include "kotlin/stream_parameters.kt" %}
    ): SentMessage =
        TextStreams.sendAll(beginStream({% if client.id().is_none() %}sender, {% endif %}conversation, interval, toUsers, streamId, extras), pieces.iterator())

    /**
     * Sends a text that grows while receivers read it, as the other `streamText` does.
     *
{%- let pieces = "Sequence<String>" %}
{%- include "kotlin/stream_docs.kt" %}
     */
    // Java would not know which one is meant by `stream::iterator`.
    @JvmSynthetic
    fun streamText({%- include "kotlin/stream_parameters.kt" %}
    ): SentMessage =
        streamText({% if client.id().is_none() %}sender, {% endif %}conversation, pieces.asIterable(), interval, toUsers, streamId, extras)

    /**
     * Begins a text that grows while receivers read it, to which you append the pieces; nothing is sent before the first
     * one. Otherwise as the `streamText` that takes the pieces.
     *
{%- let pieces = "" %}
{%- include "kotlin/stream_docs.kt" %}
     */
    @JvmOverloads
    fun streamText({%- include "kotlin/stream_parameters.kt" %}
    ): TextStream = TextStream(beginStream({% if client.id().is_none() %}sender, {% endif %}conversation, interval, toUsers, streamId, extras))

{% include "kotlin/stream_begin.kt" %}
{%- endif %}

{% include "kotlin/common.kt" %}
{%- if let Some(asked) = client.upload %}

    /**
     * Uploads bytes for a message and returns the URL of the file, which is the value for `remoteMediaUrl`.
     * {{ asked.endpoint }}; {{ asked.servers }}.
     *
     * The server names a file store, to which the bytes are streamed, and a back-up store that is used if the first one
     * does not accept them. Together at most `maxAttempts` attempts are made. The upload may take any time, but not be
     * silent for longer than `readTimeout`. [Thread.interrupt] ends it within a fifth of a second, and so does an
     * exception of [progress].
     *
     * An upload sends no message, so `mayHaveExecuted` is false for all its errors; their `endpoint` is the step that
     * failed: `{{ asked.endpoint }}`, `file store` or `backup file store`.
     *
     * @param fileName the name of the file for the server.
     * @param data the bytes of the file.
     * @param mediaType the kind of the file, a number of [MediaType].
     * @param contentType the content type, such as `image/jpeg`; null to guess it from the ending of [fileName].
     * @param progress is called on this thread with the progress, at most ten times per second and at the end; null for
     * none.
     */
    @JvmOverloads
    fun upload(
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
     * Uploads a file on this machine, which need not fit into memory, as the other `upload` does. Fails with
     * [MessageException.InvalidArgument] if the file cannot be read, or changes its size while it is read.
     *
     * @param fileName the name of the file for the server; it may differ from its name on this machine.
     * @param path the path of the file.
     * @param mediaType the kind of the file, a number of [MediaType].
     * @param contentType the content type, such as `image/jpeg`; null to guess it from the ending of [fileName].
     * @param progress is called on this thread with the progress, at most ten times per second and at the end; null for
     * none.
     */
    @JvmOverloads
    fun upload(
        fileName: String,
        path: Path,
        mediaType: Int,
        contentType: String? = null,
        progress: Consumer<UploadProgress>? = null,
    ): String = uploadFile(fileName, path.toString(), mediaType, contentType, progress)

    /**
     * Uploads a file on this machine, as the other `upload` does.
     *
     * @param fileName the name of the file for the server; it may differ from its name on this machine.
     * @param file the file.
     * @param mediaType the kind of the file, a number of [MediaType].
     * @param contentType the content type, such as `image/jpeg`; null to guess it from the ending of [fileName].
     * @param progress is called on this thread with the progress, at most ten times per second and at the end; null for
     * none.
     */
    @JvmOverloads
    fun upload(
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

    private fun uploadFile(
        fileName: String,
        path: String,
        mediaType: Int,
        contentType: String?,
        progress: Consumer<UploadProgress>?,
    ): String {
        val arguments = mapOf("file_name" to fileName, "path" to path, "content_type" to contentType)
        return upload(arguments, progress) { it.beginFileUpload(fileName, path, mediaType, contentType) }
    }

    private fun upload(
        arguments: Any,
        progress: Consumer<UploadProgress>?,
        begin: ({{ client.native() }}) -> NativeUpload,
    ): String = bring("{{ asked.endpoint }}", arguments, progress, { it.url }, begin)
{%- if !files.is_empty() %}

    private fun sendFile(
        endpoint: String,
        request: Any,
        progress: Consumer<UploadProgress>?,
        begin: ({{ client.native() }}) -> NativeUpload,
    ): SentMessage = bring(endpoint, request, progress, { it.sent }, begin)
{%- endif %}

    private fun <R : Any> bring(
        endpoint: String,
        arguments: Any,
        progress: Consumer<UploadProgress>?,
        end: (UploadNews) -> R?,
        begin: ({{ client.native() }}) -> NativeUpload,
    ): R {
        if (Thread.currentThread().isInterrupted) throw MessageException.Interrupted(endpoint, sent = false)
        return native.use { opened ->
            log.around(opened.access, endpoint) {
                translatingErrors(arguments) { begin(opened.calls) }.use { Uploads.finish(it, progress, end) }
            }
        }
    }
{%- endif %}
{%- if client.bulk.is_some() %}

    /** For what sends by this client, and keeps what it needs of it. */
    // Internal functions are public to Java.
    @JvmSynthetic
    internal fun <R> withNative(work: ({{ client.native() }}) -> R): R = native.use { work(it.calls) }

    /** It does not need this client any more. */
    private fun beginBulk(
        requests: Iterable<SendRequest>,
        options: BulkOptions?,
        progress: Consumer<BulkProgress>?,
    ): Bulk {
        val size = (requests as? Collection<*>)?.size
        val source = requests.iterator()
        return Bulk(beginBulk(options, size), source, isSized = size != null, progress, log)
    }

    /** @param size how many messages will come, where that is known. */
    // Internal functions are public to Java.
    @JvmSynthetic
    internal fun beginBulk(options: BulkOptions?, size: Int?): NativeBulk =
        native.use { opened ->
            translatingErrors(NO_ARGUMENTS) {
                log.updateLevel(opened.access)
                opened.calls.beginBulk(options, size?.toLong())
            }
        }
{%- endif %}

    /** [arguments] are only used to find the argument that cannot be passed to the native library. */
    private fun <R> call(
        endpoint: String,
        arguments: Any,
        begin: ({{ client.native() }}) -> R,
        answer: (Answer) -> R,
    ): R = native.use { opened ->
        translatingErrors(arguments) {
            log.around(opened.access, endpoint) {
                SlicedCalls.wait(opened.access, endpoint, { begin(opened.calls) }, answer)
            }
        }
    }

    private companion object {
        val NO_ARGUMENTS = emptyMap<String, Any>()
    }
}
