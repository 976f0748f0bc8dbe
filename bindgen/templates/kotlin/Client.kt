// The calls are generated from the methods of the Rust client and the records that they take.

package chat.wildfire.message

{% if client.upload.is_some() %}import java.io.File
import java.nio.file.Path
{% endif %}{% if client.upload.is_some() || client.bulk.is_some() %}import java.util.function.Consumer

{% endif %}/**
 * {{ client.intro }} Its methods block until the answer is there, a time-out is over, or the call
 * failed with a [MessageException].
{%- for line in docs %}
 *{% if line != "" %} {{ line }}{% endif %}
{%- endfor %}
 *
 * It may be used from many threads at once and is cheap to share. Making one opens nothing; many for different servers
 * live side by side. The methods that only professional servers have fail with [MessageException.NotSupported] on a
 * community server.
 *
 * [Thread.interrupt] ends a call within a fifth of a second, with [MessageException.Interrupted] and the thread's
 * interrupt flag set; a thread that is interrupted already sends nothing. An answer or an error that is there first comes
 * out instead, with the flag set too. In coroutines, call it in `runInterruptible`, and keep the answer inside of that:
 * Kotlin drops what a cancelled coroutine returns.
 *
 * The [Logger][java.util.logging.Logger] `chat.wildfire.message` hears of calls: at `FINE` how each ended, at `INFO` that
 * one was tried again, as a `WARNING` that nobody knows whether the server executed it. Each line is a [CallLogRecord].
 * Nothing is paid where nobody listens. A server that is spoken to without TLS and is not this machine is named once in
 * a process, as a warning.
 *
 * Times are milliseconds since the epoch.
 *
 * @constructor A client of the server at [baseUrl]. Fails with [MessageException.InvalidArgument] when the URL is not
 * a plain http or https one,{% if client.id().is_some() %} the id or{% endif %} the secret is empty, or an option or a part of the credentials can never work.
 * The secret is in no text and no exception.
{%- for line in parameters %}
 * {{ line }}
{%- endfor %}
 * @param options time-outs, attempts, connections, proxy, certificates; null for the defaults.
 * @param credentials what a proxy or a gateway on the way wants to see; null for nothing.
 */
class {{ client.name }} @JvmOverloads constructor(
{%- for (name, _) in arguments %}
    {% if name.as_str() != "secret" %}private val {% endif %}{{ name }}: String,
{%- endfor %}
    options: ClientOptions? = null,
    credentials: Credentials? = null,
) : AutoCloseable {
    private val native: InUse<Opened<{{ client.native() }}>>
{% if client.bulk.is_some() %}    // Internal properties are public to Java.
    @get:JvmSynthetic
    internal val log = CallLog({% else %}    private val log = CallLog({% endif %}{{ client.name }}::class.java.name)

    init {
        val shown = credentials ?: Credentials()
        val arguments = mapOf(
{%- for (name, rust) in arguments %}
            "{{ rust }}" to {{ name }},
{%- endfor %}
            "options" to options,
            "proxy_login" to shown.proxyLogin,
            "client_certificate" to shown.clientCertificate,
            "headers" to (shown.headers.keys + shown.headers.values).toList(),
        )
        val opened = crossing(arguments) {
            val calls = {{ client.native() }}.inSlicesWith(
{%- for (name, _) in arguments %}
                {{ name }},
{%- endfor %}
                options,
                SlicedCalls.SLICE,
                shown.proxyLogin,
                shown.clientCertificate,
                shown.headers,
            )
            Opened(calls, calls.access())
        }
        native = InUse(opened, "{{ client.name }}")
        opened.access.notice()?.let(CallLog::warn)
    }
{%- for call in calls %}
{% include "kotlin/method.kt" %}
{%- endfor %}
{%- if let Some(bulk) = client.bulk %}

    /**
     * Sends many messages, several at once, and gives the outcome of each, in their order. {{ bulk.endpoint }};
     * {{ bulk.servers }}.{% if let Some(sender) = client.sender() %} The {{ sender }} sends them, whatever sender a request names, and with its own rights.{% endif %}
     *
     * Each is tried again where that is safe, and never sent twice. One that fails does so alone. Those of one
     * conversation go one after the other, in their order. When the server accepts no more for now, all slow down together;
     * one that goes away is waited for, as long as the patience lasts. It needs memory for all of them; [sendEach] does
     * not.
     *
     * [Thread.interrupt] ends it within a fifth of a second, with the interrupt flag set: what is finished is kept, and
     * the outcomes of the rest are [MessageException.Interrupted]. What [requests] or [progress] throw ends it too, and
     * tells by [MessageException.Interrupted.of] what became of the messages.
     *
     * @param requests the messages.
     * @param options how many at once, how many a second, what ends it early, whether any order will do, and how long a
     * server that takes nothing is waited for; null for the defaults.
     * @param progress is told on this thread how it goes, ten times a second at the most; null for nobody.
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
     * Sends more messages than memory holds, as [sendMessages] does, and gives each outcome out in their order.
     *
     * Messages are taken from [requests] and sent while the outcomes are iterated, only as there is room: never more
     * than 8192 ahead of the outcomes. When it is interrupted or ends early, the outcomes end after the messages that
     * were taken, or after all of them where [requests] is a collection.
     *
     * @param requests the messages; there may be no end to them.
     * @param options how many at once, how many a second, what ends it early, whether any order will do, and how long a
     * server that takes nothing is waited for; null for the defaults.
     * @param progress is told on the iterating thread how it goes, ten times a second at the most; null for nobody.
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
     * @param requests the messages; there may be no end to them.
     * @param options how many at once, how many a second, what ends it early, whether any order will do, and how long a
     * server that takes nothing is waited for; null for the defaults.
     * @param progress is told on the iterating thread how it goes, ten times a second at the most; null for nobody.
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
        crossing(request) { opened.calls.beginMulticasts(request, options) }.use(Multicasts::finish)
    }
{%- endif %}

    /**
     * Closes the connections that lie idle. Calls under way keep theirs, and the next call makes a new one.
     *
     * An idle client does nothing by itself: what is idle stays open until the next call, which closes what is older than
     * [ClientOptions.poolIdleTimeout], or until this.
     */
    fun closeIdle() = native.use { crossing(NOTHING) { it.access.closeIdle() } }

    /**
     * What this client has done so far in this process, in numbers of one moment: calls, attempts, errors by their name,
     * unknown fates, connections, waits for limits, and how long attempts took. They are counted whether anybody asks or
     * not.
     */
    fun stats(): ClientStats = native.use { crossing(NOTHING) { it.access.stats() } }
{%- if let Some(asked) = client.upload %}

    /**
     * Uploads bytes, for a message that is to carry them, and gives the URL under which they are found: what goes into
     * `remoteMediaUrl`. {{ asked.endpoint }}; {{ asked.servers }}.
     *
     * The server names a store, and the bytes are streamed there; to a back-up store, where the first one does not take
     * them. The store is tried as often as `maxAttempts` says, all in all. However long it takes, only silence ends it:
     * `readTimeout` without a byte either way. [Thread.interrupt] ends it within a fifth of a second, as does what
     * [progress] throws.
     *
     * No message is sent by an upload. So none of its errors `mayHaveExecuted`; their `endpoint` is the step that failed:
     * `{{ asked.endpoint }}`, `file store` or `backup file store`.
     *
     * @param fileName what the server is told that the file is called.
     * @param data the bytes of the file.
     * @param mediaType what it is, a number of [MediaType].
     * @param contentType such as `image/jpeg`; null to guess it by the ending of [fileName].
     * @param progress is told on this thread how it goes, ten times a second at the most and at the end; null for nobody.
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
     * Uploads a file of this machine, which need not fit into memory, as the other `upload` does. It fails with
     * [MessageException.InvalidArgument] where the file cannot be read, or changes its size while it is read.
     *
     * @param fileName what the server is told that the file is called; need not be the name that it has here.
     * @param path where it is.
     * @param mediaType what it is, a number of [MediaType].
     * @param contentType such as `image/jpeg`; null to guess it by the ending of [fileName].
     * @param progress is told on this thread how it goes, ten times a second at the most and at the end; null for nobody.
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
     * Uploads a file of this machine, as the other `upload` does.
     *
     * @param fileName what the server is told that the file is called; need not be the name that it has here.
     * @param file where it is.
     * @param mediaType what it is, a number of [MediaType].
     * @param contentType such as `image/jpeg`; null to guess it by the ending of [fileName].
     * @param progress is told on this thread how it goes, ten times a second at the most and at the end; null for nobody.
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

    /** Takes no new call: each fails with [IllegalStateException]. Calls under way go on to their end. */
    override fun close() = native.close()

    /** Says which server it is for, and never the secret. */
    override fun toString(): String = "{{ client.name }}($baseUrl{% for id in client.id() %}, ${{ arguments[1].0 }}{% endfor %})"
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
    ): String {
        if (Thread.currentThread().isInterrupted) throw MessageException.Interrupted("{{ asked.endpoint }}", sent = false)
        return native.use { opened ->
            log.around(opened.access) {
                crossing(arguments) { begin(opened.calls) }.use { Uploads.finish(it, progress) }
            }
        }
    }
{%- endif %}
{%- if client.bulk.is_some() %}

    /** For what sends by this client, and keeps what it needs of it. */
    // Internal functions are public to Java.
    @JvmSynthetic
    internal fun <R> lent(work: ({{ client.native() }}) -> R): R = native.use { work(it.calls) }

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
            crossing(NOTHING) {
                log.heed(opened.access)
                opened.calls.beginBulk(options, size?.toLong())
            }
        }
{%- endif %}

    /** [arguments] are looked at only to find the one that cannot be handed over. */
    private fun <R> call(
        endpoint: String,
        arguments: Any,
        begin: ({{ client.native() }}) -> R,
        answer: (Answer) -> R,
    ): R = native.use { opened ->
        crossing(arguments) {
            log.around(opened.access) {
                SlicedCalls.wait(opened.access, endpoint, { begin(opened.calls) }, answer)
            }
        }
    }

    private companion object {
        val NOTHING = emptyMap<String, Any>()
    }
}
