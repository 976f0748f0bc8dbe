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
 * `kotlinx-coroutines-core`, which the library does not bring along.
 *
 * One thread of the native library drives all calls of a client, and one more hears which have finished; both end a second
 * after the last call. 128 calls are under way at the same time, each on a connection of its own; the others wait for a
 * connection, and that wait counts towards [ClientOptions.totalTimeout].
 *
 * If a coroutine is cancelled, its call ends within a fifth of a second: when the `CancellationException` is thrown, nothing
 * is sent any more, and [MessageException.Interrupted.of] finds in it what is known of the call, including its answer if
 * that had arrived already. The same holds for the exception of `withTimeout`; if a time-out ends several calls, it has one
 * suppressed [MessageException.Interrupted] for each.
 *
 * Java, which has no coroutines, uses [{{ client.name }}].
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
class Coroutine{{ client.name }}(
{%- for (name, _) in arguments %}
    {% if name.as_str() != "secret" %}private val {% endif %}{{ name }}: String,
{%- endfor %}
    options: ClientOptions? = null,
    credentials: Credentials? = null,
) : AutoCloseable {
    private val native: InUse<Opened<{{ client.native() }}>>
    private val awaited: AwaitedCalls
    private val log = CallLog(Coroutine{{ client.name }}::class.java.name)

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
                Duration.ZERO,
                shown.proxyLogin,
                shown.clientCertificate,
                shown.headers,
            )
            Opened(calls, calls.access())
        }
        native = InUse(opened, "Coroutine{{ client.name }}")
        awaited = AwaitedCalls(opened.access)
        opened.access.notice()?.let(CallLog::warn)
    }
{%- for call in calls %}
{% include "kotlin/method.kt" %}
{%- endfor %}
{%- if let Some(bulk) = client.bulk %}

    /**
     * Sends many messages, several at the same time, and returns the outcome of each, in their order. {{ bulk.endpoint }};
     * {{ bulk.servers }}.{% if let Some(sender) = client.sender() %} The {{ sender }} sends them, whatever sender a request names, and with its own rights.{% endif %}
     *
     * It does what [{{ client.name }}.sendMessages] does. Cancelling ends it within a fifth of a second, as does what
     * [progress] throws; [MessageException.Interrupted.of] finds in the exception what became of each message. Threads of
     * [kotlinx.coroutines.Dispatchers.IO] wait for it, one after the other.
     *
     * @param requests the messages.
     * @param options how many at once, how many a second, what ends it early, whether any order will do, and how long a
     * server that takes nothing is waited for; null for the defaults.
     * @param progress is told in the calling coroutine how it goes, ten times a second at the most; null for nobody.
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
     * Sends the messages of a flow, and gives out each outcome, in their order: as the function `sendEach` for a
     * [{{ client.name }}] and a flow does.
     *
     * @param requests the messages; there may be no end to them.
     * @param options how many at once, how many a second, what ends it early, whether any order will do, and how long a
     * server that takes nothing is waited for; null for the defaults.
     * @param progress is told in the collecting coroutine how it goes, ten times a second at the most; null for nobody.
     */
    fun sendEach(
        requests: Flow<SendRequest>,
        options: BulkOptions? = null,
        progress: Consumer<BulkProgress>? = null,
    ): Flow<SendOutcome> = sending(requests, progress, log) { beginBulk(options, size = null) }

    /**
     * Sends more messages than memory holds, and gives out each outcome, in their order, as the other `sendEach` does.
     *
     * @param requests the messages; there may be no end to them.
     * @param options how many at once, how many a second, what ends it early, whether any order will do, and how long a
     * server that takes nothing is waited for; null for the defaults.
     * @param progress is told in the collecting coroutine how it goes, ten times a second at the most; null for nobody.
     */
    fun sendEach(
        requests: Iterable<SendRequest>,
        options: BulkOptions? = null,
        progress: Consumer<BulkProgress>? = null,
    ): Flow<SendOutcome> = sendEach(requests.asFlow(), options, progress)
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
     * `readTimeout` without a byte either way. Cancelling ends it within a fifth of a second, as does what
     * [progress] throws. A thread of [kotlinx.coroutines.Dispatchers.IO] waits for it.
     *
     * No message is sent by an upload. So none of its errors `mayHaveExecuted`; their `endpoint` is the step that failed:
     * `{{ asked.endpoint }}`, `file store` or `backup file store`.
     *
     * @param fileName what the server is told that the file is called.
     * @param data the bytes of the file.
     * @param mediaType what it is, a number of [MediaType].
     * @param contentType such as `image/jpeg`; null to guess it by the ending of [fileName].
     * @param progress is told in the calling coroutine how it goes, ten times a second at the most and at the end; null for nobody.
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
     * Uploads a file of this machine, which need not fit into memory, as the other `upload` does. It fails with
     * [MessageException.InvalidArgument] where the file cannot be read, or changes its size while it is read.
     *
     * @param fileName what the server is told that the file is called; need not be the name that it has here.
     * @param path where it is.
     * @param mediaType what it is, a number of [MediaType].
     * @param contentType such as `image/jpeg`; null to guess it by the ending of [fileName].
     * @param progress is told in the calling coroutine how it goes, ten times a second at the most and at the end; null for nobody.
     */
    suspend fun upload(
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
     * @param progress is told in the calling coroutine how it goes, ten times a second at the most and at the end; null for nobody.
     */
    suspend fun upload(
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
    override fun toString(): String = "Coroutine{{ client.name }}($baseUrl{% for id in client.id() %}, ${{ arguments[1].0 }}{% endfor %})"
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
        log.heed(opened.access)
        awaitUpload("{{ asked.endpoint }}", opened.access, log, progress) { crossing(arguments) { begin(opened.calls) } }
    }
{%- endif %}
{%- if client.bulk.is_some() %}

    /** @param size how many messages will come, where that is known. */
    private fun beginBulk(options: BulkOptions?, size: Int?): NativeBulk =
        native.use { opened ->
            crossing(NOTHING) {
                log.heed(opened.access)
                opened.calls.beginBulk(options, size?.toLong())
            }
        }
{%- endif %}

    /** [arguments] are looked at only to find the one that cannot be handed over. */
    private suspend fun <R> call(
        endpoint: String,
        arguments: Any,
        begin: ({{ client.native() }}) -> Any?,
        answer: (Answer) -> R,
    ): R = native.use { opened ->
        awaited.await(endpoint, { ticket(opened, arguments, begin) }) { ticket ->
            crossing(NOTHING) { log.around(opened.access) { answer(opened.access.resume(ticket)) } }
        }
    }

    /** No call of this client gives its answer at once: each fails with its ticket. */
    private fun ticket(
        opened: Opened<{{ client.native() }}>,
        arguments: Any,
        begin: ({{ client.native() }}) -> Any?,
    ): Long = crossing(arguments) {
        log.heed(opened.access)
        try {
            begin(opened.calls)
            throw nativeDefect()
        } catch (pending: NativeMessageException.Pending) {
            pending.ticket
        }
    }

    private companion object {
        val NOTHING = emptyMap<String, Any>()
    }
}
