package chat.wildfire.message

import java.lang.reflect.Modifier
import java.nio.charset.CharacterCodingException

/**
 * Does [work], which hands [arguments] to the native library, and turns its failures into this library's own.
 *
 * [arguments] is a record, or a map of names to values; it is only looked at when one of them cannot be handed over. In
 * a map a record without a name, whose method it is, has its fields called by their own names.
 */
internal fun <R> crossing(arguments: Any, work: () -> R): R = try {
    NativeLibrary.load()
    work()
} catch (failure: NativeMessageException) {
    throw failure.translated()
} catch (failure: NativeSandboxException) {
    throw failure.translated()
} catch (failure: NativeOutboxException) {
    throw failure.translated()
} catch (_: InternalException) {
    throw nativeDefect()
} catch (failure: CharacterCodingException) {
    throw unpassable(arguments) ?: failure
} catch (failure: NullPointerException) {
    throw unpassable(arguments) ?: failure
}

/** A panic's own words stay out: nobody knows what they hold. The native library has written them to standard error. */
internal fun nativeDefect() = IllegalStateException(
    "the native part of wildfirechat-message failed; this is a defect of the library, which says more on standard error",
)

/**
 * The first of [arguments] that no native text or list can be made of: null, where Java gave one, or a text with half
 * a surrogate pair.
 */
internal fun unpassable(arguments: Any): MessageException.InvalidArgument? = firstUnpassable("", arguments)

private fun firstUnpassable(path: String, value: Any?): MessageException.InvalidArgument? = when (value) {
    is String -> if (isUnicode(value)) null else refuse(path, "it has half a surrogate pair: it is not Unicode text")
    is List<*> -> value.withIndex().firstNotNullOfOrNull { (index, entry) -> firstInList("$path[$index]", entry) }
    is Map<*, *> -> value.firstNotNullOfOrNull { (name, entry) -> firstUnpassable(name.toString(), entry) }
    else -> if (isRecord(value)) firstInRecord(path, value!!) else null
}

private fun firstInList(path: String, entry: Any?): MessageException.InvalidArgument? =
    if (entry == null) refuse(path, "it is null") else firstUnpassable(path, entry)

private fun firstInRecord(path: String, record: Any): MessageException.InvalidArgument? =
    record.javaClass.declaredFields.filterNot { Modifier.isStatic(it.modifiers) }.firstNotNullOfOrNull { field ->
        field.isAccessible = true
        val name = field.name.replace(Regex("[A-Z]")) { "_" + it.value.lowercase() }
        firstUnpassable(if (path.isEmpty()) name else "$path.$name", field.get(record))
    }

private fun isRecord(value: Any?) = value?.javaClass?.`package`?.name == MessageClient::class.java.`package`.name

private fun isUnicode(text: String) = Charsets.UTF_8.newEncoder().canEncode(text)

private fun refuse(argument: String, reason: String) = MessageException.InvalidArgument(argument, reason)
