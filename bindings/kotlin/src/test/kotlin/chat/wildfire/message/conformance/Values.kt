package chat.wildfire.message.conformance

import kotlinx.coroutines.runBlocking
import java.time.Duration
import java.util.Base64
import kotlin.reflect.KCallable
import kotlin.reflect.KClass
import kotlin.reflect.KFunction
import kotlin.reflect.KType
import kotlin.reflect.full.callSuspendBy
import kotlin.reflect.full.declaredMemberProperties
import kotlin.reflect.full.primaryConstructor

/** `messageUid` as `message_uid`. */
fun rustName(name: String): String = name.replace(Regex("[A-Z]")) { "_" + it.value.lowercase() }

/**
 * Calls [this] with arguments by their Rust names. What a case leaves out takes the default of the declaration, so
 * that the cases hold the defaults too; a name that the declaration lacks is an error.
 */
fun <R> KCallable<R>.callWith(given: Fields, vararg receiver: Any): R {
    val named = parameters.drop(receiver.size).associateBy { rustName(checkNotNull(it.name)) }
    given.mustOnlyHave(*named.keys.toTypedArray())
    val values = given.map { (name, value) -> named.getValue(name).let { it to value.to(it.type) } }
    val arguments = parameters.zip(receiver).toMap() + values
    if (this is KFunction<R> && isSuspend) return runBlocking { callSuspendBy(arguments) }
    return callBy(arguments)
}

/** A case's value as the type that a parameter takes. */
fun Any?.to(type: KType): Any? {
    val wanted = type.classifier as KClass<*>
    return when {
        this == null -> null
        wanted == Int::class -> Math.toIntExact(this as Long)
        wanted == ByteArray::class -> Base64.getDecoder().decode(this as String)
        wanted == Duration::class -> Duration.ofMillis(this as Long)
        wanted == List::class -> (this as List<*>).map { it.to(checkNotNull(type.arguments.single().type)) }
        this is Map<*, *> -> checkNotNull(wanted.primaryConstructor).callWith(asFields())
        else -> this
    }
}

/** What the library gives back, as a case writes it: a record with all its fields by their Rust names. */
fun written(value: Any?): Any? = when (value) {
    null, is String, is Long, is Boolean -> value
    is Unit -> null
    is Int -> value.toLong()
    is ByteArray -> Base64.getEncoder().encodeToString(value)
    is List<*> -> value.map(::written)
    is Duration -> value.toString()
    else -> value::class.declaredMemberProperties.associate { rustName(it.name) to written(it.getter.call(value)) }
}
