// The classes, their fields and texts are generated from the Rust error.

package chat.wildfire.message

/**
 * Why something did not work with an [Outbox]: one subclass for each situation that a caller handles differently. What can
 * never work is a [MessageException.InvalidArgument], as everywhere.
 *
 * [message] is one plain sentence. Neither it nor a property contains the store's password, the secret or a message.
 */
sealed class OutboxException private constructor(private val native: NativeOutboxException, cause: Throwable? = null) :
    RuntimeException(cause) {
    /** One plain sentence that says what went wrong. */
    override val message: String get() = native.sentence()

    /** Whether the same may succeed later without a change. */
    @get:JvmName("isTemporary")
    val isTemporary: Boolean get() = native.isTemporary()
{%- for error in errors %}

    /**
{%- for line in error.docs.lines() %}
     *{% if line != "" %} {{ line }}{% endif %}
{%- endfor %}
     */
{%- if error.wraps %}
    class {{ error.name }} internal constructor(
{%- for parameter in error.parameters %}
        val {{ parameter }},
{%- endfor %}
        native: NativeOutboxException,
    ) : OutboxException(native, {{ error.passed }})
{%- else %}
    class {{ error.name }}{% if error.has_defaults %} @JvmOverloads constructor{% endif %}(
{%- for parameter in error.parameters %}
        val {{ parameter }},
{%- endfor %}
    ) : OutboxException(NativeOutboxException.{{ error.name }}({{ error.passed }}))
{%- endif %}
{%- endfor %}
}

/** Turns the errors of the native outbox into those of this library. */
internal fun NativeOutboxException.translated(): RuntimeException = when (this) {
{%- for error in of_the_client %}
    is NativeOutboxException.{{ error.name }} -> MessageException.{{ error.name }}({{ error.passed }})
{%- endfor %}
{%- for error in errors %}
    is NativeOutboxException.{{ error.name }} -> OutboxException.{{ error.name }}({{ error.passed }}{% if error.wraps %}.translated(), this{% endif %})
{%- endfor %}
}