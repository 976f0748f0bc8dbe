package chat.wildfire.message

import java.io.File
import java.io.IOException
import kotlin.system.exitProcess
import com.sun.jna.NativeLibrary as LoadedLibrary

/**
 * The program `wildfirechat-message`, in this process: it is the native library's own, the same as the one without Java,
 * with its arguments, exit codes and signals.
 */
internal object Main {
    /** What says that something is wrong before anything was sent. */
    private const val NOT_BEGUN = 2

    @JvmStatic
    fun main(arguments: Array<String>) {
        exitProcess(run(arguments))
    }

    private fun run(arguments: Array<String>): Int {
        try {
            NativeLibrary.load()
        } catch (failure: LinkageError) {
            System.err.println(failure.message)
            return NOT_BEGUN
        }
        val octets = ofTheKernel(arguments) ?: arguments.joinToString("") { "$it\u0000" }.toByteArray()
        return LoadedLibrary.getInstance("wildfirechat_message", Main::class.java.classLoader)
            .getFunction("wildfirechat_message_run_program")
            .invokeInt(arrayOf(octets, octets.size.toLong()))
    }

    /**
     * The arguments as they came, each with a NUL behind it. Java reads them by the locale, of which many a container has
     * none: no Chinese letter comes through then.
     */
    private fun ofTheKernel(arguments: Array<String>): ByteArray? {
        val line = try {
            File("/proc/self/cmdline").readBytes()
        } catch (_: IOException) {
            return null
        }
        // Read so that no octet is lost.
        val words = String(line, Charsets.ISO_8859_1).split('\u0000').dropLast(1).takeLast(arguments.size)
        val areTheSame = words.size == arguments.size && words.indices.all { at ->
            !isPlain(words[at]) || words[at] == arguments[at]
        }
        return words.joinToString("") { "$it\u0000" }.toByteArray(Charsets.ISO_8859_1).takeIf { areTheSame }
    }

    private fun isPlain(word: String) = word.all { it < '\u0080' }
}
