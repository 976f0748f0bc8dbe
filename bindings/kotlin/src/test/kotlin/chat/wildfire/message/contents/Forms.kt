package chat.wildfire.message.contents

import chat.wildfire.message.MessageContent
import chat.wildfire.message.conformance.Fields
import chat.wildfire.message.conformance.asFields
import chat.wildfire.message.conformance.rustName
import chat.wildfire.message.conformance.to
import kotlin.reflect.KClass
import kotlin.reflect.KFunction
import kotlin.reflect.KType
import kotlin.reflect.full.primaryConstructor

/** What makes a [MessageContent] of a record, by the record's name. */
val VARIANTS: Map<String?, KFunction<MessageContent>> = MessageContent::class.sealedSubclasses
    .map { checkNotNull(it.primaryConstructor) }
    .associateBy { (it.parameters.single().type.classifier as KClass<*>).simpleName }

/** The content of `{"TextContent": {"text": "hi"}}`; a record that is none is an error. */
fun contentOf(form: Fields): MessageContent {
    val (name, fields) = form.entries.single()
    val variant = VARIANTS.getValue(name)
    return variant.call(record(variant.parameters.single().type, fields!!.asFields()))
}

/** The record that this content holds. */
fun MessageContent.held(): Any? = javaClass.getMethod("getValue").invoke(this)

/** A record with these fields, by their Rust names; one that it does not have is an error. */
fun record(type: KType, fields: Fields): Any? = completed(type, fields).to(type)

/** A vector's value with blanks for what it leaves out, where the record has no default. */
private fun completed(type: KType, value: Any?): Any? = when (value) {
    is List<*> -> value.map { completed(checkNotNull(type.arguments.single().type), it) }

    is Map<*, *> -> {
        val parameters = checkNotNull((type.classifier as KClass<*>).primaryConstructor).parameters
        val types = parameters.associate { rustName(checkNotNull(it.name)) to it.type }
        val blanks = parameters.filterNot { it.isOptional }.associate { rustName(it.name!!) to blank(it.type) }
        (blanks + value.asFields()).mapValues { (name, each) -> types[name]?.let { completed(it, each) } ?: each }
    }

    else -> value
}

private fun blank(type: KType): Any? = when {
    type.isMarkedNullable -> null
    type.classifier in setOf(Int::class, Long::class) -> 0L
    type.classifier in setOf(String::class, ByteArray::class) -> ""
    type.classifier == List::class -> emptyList<Any>()
    else -> emptyMap<String, Any>()
}
