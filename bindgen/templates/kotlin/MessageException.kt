// The classes, their fields and texts are generated from the Rust error.

package chat.wildfire.message

import java.time.Duration

/**
 * Why a call failed, and whether the server may have executed the request even though the call failed: one subclass for
 * each situation that a caller handles differently.
 *
 * [message] is one plain sentence that names the endpoint. Neither it nor a property contains the secret or the
 * request's body.
 */
sealed class MessageException private constructor(private val native: NativeMessageException) : RuntimeException() {
    // Asked only when somebody wants to know: a bulk that ends early makes thousands of these.
    /** One plain sentence that names the endpoint. */
    override val message: String get() = native.sentence()

    /**
     * Whether the server may have executed the request even though the call failed. If so, repeat a sending call only
     * if a second message does no harm.
     */
    @get:JvmName("mayHaveExecuted")
    val mayHaveExecuted: Boolean get() = native.mayHaveExecuted()
{%- for error in errors %}

    /**
{%- for line in error.docs.lines() %}
     *{% if line != "" %} {{ line }}{% endif %}
{%- endfor %}
     */
    class {{ error.name }}{% if error.has_defaults %} @JvmOverloads constructor{% endif %}(
{%- for parameter in error.parameters %}
        val {{ parameter }},
{%- endfor %}
    ) : MessageException(NativeMessageException.{{ error.name }}({{ error.passed }}))
{%- endfor %}

    /**
     * The call was interrupted. If its thread was interrupted, this exception is thrown, and the interrupt flag of the
     * thread is still set. If the call had ended in the meantime, it returns its answer or throws its error instead,
     * with the flag set.
     *
     * An exception that a source of messages, a callback or a collector throws, or that ends a coroutine, is thrown
     * unchanged; one of its suppressed exceptions is an `Interrupted` with the [outcomes] that were not returned yet:
     * [of] finds it.
     *
     * @property endpoint the endpoint, such as `message/send`.
     * @property sent whether a request had been sent and it is unknown whether the server executed it.
     * @property attempts how often the call was tried.
     */
    class Interrupted @JvmOverloads constructor(val endpoint: String, val sent: Boolean, val attempts: Int = 1) :
        MessageException(NativeMessageException.Interrupted(endpoint, sent, attempts)) {
        @Transient
        private var told: List<SendOutcome>? = null

        /**
         * For many messages in one call, the outcomes of the messages that were taken in, in their order, without those
         * that were already returned. For a single call of a coroutine, its outcome if that had arrived. Empty
         * otherwise.
         */
        val outcomes: List<SendOutcome> get() = told.orEmpty()

        @Transient
        private var given: Any? = null

        /**
         * What a single call of a coroutine would have returned, if its answer was there before it was given up; null
         * otherwise.
         */
        val answer: Any? get() = given

        internal fun with(outcomes: List<SendOutcome>) = apply { told = outcomes }

        internal fun answeredWith(answer: Any?) = apply {
            given = answer
            if (answer is SentMessage) told = listOf(SendOutcome(answer))
        }

        /** To find it in what ended a call. */
        companion object {
            /** What is known of the messages whose sending was ended by [failure]; null if none were under way. */
            @JvmStatic
            fun of(failure: Throwable): Interrupted? =
                failure as? Interrupted ?: failure.suppressed.firstNotNullOfOrNull { it as? Interrupted }
                    ?: failure.cause?.takeIf { it !== failure }?.let(::of)
        }
    }
}

/** The one place where the native library's errors become ours. */
internal fun NativeMessageException.translated(): MessageException = when (this) {
{%- for error in outcomes %}
    is NativeMessageException.{{ error.name }} -> MessageException.{{ error.name }}({{ error.passed }})
{%- endfor %}
{%- for other in others %}
    is NativeMessageException.{{ other }} -> error("the slice loop lets no {{ other }} out")
{%- endfor %}
}
