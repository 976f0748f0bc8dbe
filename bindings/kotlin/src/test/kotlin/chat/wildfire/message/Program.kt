package chat.wildfire.message

import java.nio.file.Files
import java.time.Duration
import java.util.concurrent.TimeUnit
import kotlin.io.path.deleteIfExists
import kotlin.io.path.readText

/** The end of a program in a JVM of its own. */
class Program private constructor(val code: Int, val output: String, val errors: String) {
    companion object {
        /**
         * Runs the function `main` of a file of tests. One that goes on for longer than [limit] hangs: it is killed,
         * and that is a failure.
         */
        fun run(
            file: String,
            vararg arguments: String,
            limit: Duration = LIMIT,
            jvmOptions: List<String> = emptyList(),
            classpath: String = System.getProperty("java.class.path"),
            main: String = "chat.wildfire.message.${file}Kt",
        ): Program {
            val java = ProcessHandle.current().info().command().get()
            val program = listOf("-cp", classpath, main, *arguments)
            // Into files: the pipes of a program that hangs would never end.
            val (output, errors) = List(2) { Files.createTempFile("wildfirechat", ".txt") }
            try {
                val process = ProcessBuilder(listOf(java) + jvmOptions + program)
                    // Where a JVM that crashes leaves its report.
                    .directory(output.parent.toFile())
                    .redirectOutput(output.toFile())
                    .redirectError(errors.toFile())
                    .start()
                val ended = process.waitFor(limit.toMillis(), TimeUnit.MILLISECONDS)
                if (!ended) process.destroyForcibly().waitFor()
                check(ended) { "$file ${arguments.toList()} hangs:\n${output.readText()}${errors.readText()}" }
                return Program(process.exitValue(), output.readText(), errors.readText())
            } finally {
                output.deleteIfExists()
                errors.deleteIfExists()
            }
        }
    }
}
