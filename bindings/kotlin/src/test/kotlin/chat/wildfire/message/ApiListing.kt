package chat.wildfire.message

import java.io.File
import java.lang.reflect.Executable
import java.lang.reflect.Method
import java.lang.reflect.Modifier
import java.lang.reflect.Type
import kotlin.reflect.KCallable
import kotlin.reflect.KClass
import kotlin.reflect.KFunction
import kotlin.reflect.KMutableProperty
import kotlin.reflect.KParameter
import kotlin.reflect.KVisibility
import kotlin.reflect.full.declaredMembers
import kotlin.reflect.jvm.kotlinFunction

/** What users can write of the classes in a folder: a paragraph for each, as Kotlin sees them and then as Java does. */
class ApiListing(folder: File) {
    private val types: List<Class<*>> =
        folder
            .resolve("chat/wildfire/message")
            .walk()
            .filter { it.extension == "class" }
            .map { it.relativeTo(folder).invariantSeparatorsPath.removeSuffix(".class").replace('/', '.') }
            .map { Class.forName(it, false, javaClass.classLoader) }
            .filter { isPublic(it) || (isFile(it) && functions(it).isNotEmpty()) }
            .sortedBy { it.name }
            .toList()

    fun text() = "As Kotlin sees it:\n\n${paragraphs(::inKotlin)}\nAs Java sees it:\n\n${paragraphs(::inJava)}"

    private fun paragraphs(lines: (Class<*>) -> List<String>) = types
        .map(lines)
        // A companion in which there is nothing.
        .filter { it.size > 1 || "Companion" !in it.first() }
        .joinToString("\n") { it.joinToString("\n    ", postfix = "\n") }
}

/** A file with functions at the top level, rather than a class. */
private fun isFile(type: Class<*>) = type.getAnnotation(Metadata::class.java)?.kind == 2

private fun isPublic(type: Class<*>): Boolean = type.getAnnotation(Metadata::class.java)?.kind == 1 &&
    type.kotlin.visibility == KVisibility.PUBLIC &&
    type.enclosingMethod == null &&
    (type.enclosingClass?.let(::isPublic) ?: true)

private fun functions(file: Class<*>): List<KFunction<*>> = file.declaredMethods
    .filter { !it.isSynthetic }
    .mapNotNull { it.kotlinFunction }
    .filter { it.visibility == KVisibility.PUBLIC }
    .distinct()

private fun inKotlin(type: Class<*>): List<String> {
    if (isFile(type)) return listOf("file ${name(type)}") + functions(type).map(::signature).sorted()
    val kotlin = type.kotlin
    if (type.isEnum) return listOf("enum class ${name(type)}") + type.enumConstants.map { (it as Enum<*>).name }
    val supertypes = kotlin.supertypes.map { short(it) }.filter { it != "Any" }
    val head = "${kind(kotlin)} ${name(type)}" + if (supertypes.isEmpty()) "" else " : ${supertypes.joinToString()}"
    val constructors = if (kotlin.isAbstract || kotlin.isSealed) emptyList() else kotlin.constructors.filter(::isShown)
    val members = kotlin.declaredMembers.filter(::isShown)
    return listOf(head) + constructors.map(::signature).sorted() + members.map(::signature).sorted()
}

/** What the compiler adds to every data class says nothing of it that its fields do not say. */
private fun isShown(member: KCallable<*>) = member.visibility == KVisibility.PUBLIC && !isDerived(member.name)

private fun isDerived(name: String) =
    name in setOf("copy", "equals", "hashCode", "toString") || name.matches(Regex("component\\d+"))

private fun kind(type: KClass<*>) = when {
    type.isCompanion -> "companion object"
    type.isObject() -> "object"
    type.isFun -> "fun interface"
    type.java.isInterface -> "interface"
    type.isData -> "data class"
    type.isSealed -> "sealed class"
    type.isAbstract -> "abstract class"
    type.isOpen -> "open class"
    else -> "class"
}

private fun KClass<*>.isObject() = java.declaredFields.any { it.name == "INSTANCE" && it.type == java }

private fun signature(callable: KCallable<*>): String {
    val receiver = callable.parameters.firstOrNull { it.kind == KParameter.Kind.EXTENSION_RECEIVER }
    val on = receiver?.let { "${short(it.type)}." }.orEmpty()
    if (callable !is KFunction<*>) {
        val keyword = if (callable is KMutableProperty<*>) "var" else "val"
        return "$keyword $on${callable.name}: ${short(callable.returnType)}"
    }
    val values = callable.parameters.filter { it.kind == KParameter.Kind.VALUE }.map(::parameter)
    val isConstructor = callable.name == "<init>"
    val start = if (isConstructor) "constructor" else words(callable) + "fun $on${callable.name}"
    val end = if (isConstructor || short(callable.returnType) == "Unit") "" else ": ${short(callable.returnType)}"
    val line = "$start(${values.joinToString()})$end"
    return if (line.length <= 100) line else "$start(\n${values.joinToString("") { "        $it,\n" }}    )$end"
}

private fun words(function: KFunction<*>) =
    listOf("suspend" to function.isSuspend, "infix" to function.isInfix, "operator" to function.isOperator)
        .filter { it.second }
        .joinToString("") { "${it.first} " }

private fun parameter(parameter: KParameter): String {
    val default = if (parameter.isOptional) " = …" else ""
    return "${if (parameter.isVararg) "vararg " else ""}${parameter.name}: ${short(parameter.type)}$default"
}

private fun inJava(type: Class<*>): List<String> {
    val constructors = type.constructors.filter { !it.isSynthetic && !Modifier.isAbstract(type.modifiers) }
    val fields =
        type.declaredFields.filter { Modifier.isPublic(it.modifiers) && !it.isSynthetic && it.name != "Companion" }
    val methods = type.declaredMethods.filter { isShownToJava(it) && !(type.isEnum && Modifier.isStatic(it.modifiers)) }
    return listOf("${javaKind(type)} ${name(type)}") +
        constructors.map { "new ${type.simpleName}${parameters(it)}" }.sorted() +
        fields.map { "${static(it.modifiers)}${short(it.genericType)} ${it.name}" }.sorted() +
        methods.map { "${static(it.modifiers)}${short(it.genericReturnType)} ${it.name}${parameters(it)}" }.sorted()
}

/** A function that is internal in Kotlin is public in the class file, under a name that nobody writes. */
private fun isShownToJava(method: Method) = Modifier.isPublic(method.modifiers) &&
    !method.isSynthetic &&
    !isDerived(method.name) &&
    method.name.none { it in "$-" } &&
    (runCatching { method.kotlinFunction }.getOrNull()?.let { it.visibility == KVisibility.PUBLIC } ?: true)

private fun javaKind(type: Class<*>) = when {
    type.isInterface -> "interface"
    type.isEnum -> "enum"
    Modifier.isAbstract(type.modifiers) -> "abstract class"
    else -> "class"
}

private fun parameters(executable: Executable) =
    executable.genericParameterTypes.joinToString(prefix = "(", postfix = ")") { short(it) }

private fun static(modifiers: Int) = if (Modifier.isStatic(modifiers)) "static " else ""

private fun name(type: Class<*>) = type.name.substringAfterLast('.').replace('$', '.')

/** A type without its packages, and without what an alias stands for. */
private fun short(type: Any): String {
    val whole = if (type is Type) type.typeName else type.toString()
    return whole.replace(Regex(""" /\* = .*? \*/|\b([a-z]\w*\.)+"""), "").replace('$', '.')
}
