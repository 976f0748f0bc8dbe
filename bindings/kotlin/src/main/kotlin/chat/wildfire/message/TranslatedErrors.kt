package chat.wildfire.message

import java.lang.reflect.Modifier
import java.nio.charset.CharacterCodingException

/**
 * Runs [work], which passes [arguments] to the native library, and turns native errors into those of this library.
 *
 * [arguments] is a record, or a map of names to values; it is only used to find an argument that cannot be passed on.
 * In the map, the record to which a method belongs has an empty name, so that its fields are called by their own names.
 */
internal fun <R> translatingErrors(arguments: Any, work: () -> R): R = try {
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
    throw unencodable(arguments) ?: failure
} catch (failure: NullPointerException) {
    throw unencodable(arguments) ?: failure
}

/**
 * The text of a panic is left out, because it may contain anything. The native library has written it to standard
 * error.
 */
internal fun nativeDefect() = IllegalStateException(
    "the native part of wildfirechat-message failed; this is a defect of the library, which says more on standard error",
)

/**
 * The first of [arguments] that cannot be passed to the native library: null, where Java gave one, or a text with half
 * a surrogate pair.
 */
internal fun unencodable(arguments: Any): MessageException.InvalidArgument? = firstUnencodable("", arguments)

private fun firstUnencodable(path: String, value: Any?): MessageException.InvalidArgument? = when (value) {
    is String -> if (isUnicode(value)) null else refuse(path, "it has half a surrogate pair: it is not Unicode text")
    is List<*> -> value.withIndex().firstNotNullOfOrNull { (index, entry) -> firstInList("$path[$index]", entry) }
    is Map<*, *> -> value.firstNotNullOfOrNull { (name, entry) -> firstUnencodable(name.toString(), entry) }
    else -> if (isRecord(value)) firstInRecord(path, value!!) else null
}

private fun firstInList(path: String, entry: Any?): MessageException.InvalidArgument? =
    if (entry == null) refuse(path, "it is null") else firstUnencodable(path, entry)

private fun firstInRecord(path: String, record: Any): MessageException.InvalidArgument? =
    record.javaClass.declaredFields.filterNot { Modifier.isStatic(it.modifiers) }.firstNotNullOfOrNull { field ->
        field.isAccessible = true
        val name = field.name.replace(Regex("[A-Z]")) { "_" + it.value.lowercase() }
        firstUnencodable(if (path.isEmpty()) name else "$path.$name", field.get(record))
    }

private fun isRecord(value: Any?) = value?.javaClass?.`package`?.name == MessageClient::class.java.`package`.name

private fun isUnicode(text: String) = Charsets.UTF_8.newEncoder().canEncode(text)

private fun refuse(argument: String, reason: String) = MessageException.InvalidArgument(argument, reason)
