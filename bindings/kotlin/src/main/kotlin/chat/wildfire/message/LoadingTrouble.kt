package chat.wildfire.message

import com.sun.jna.Platform
import java.io.File
import java.io.IOException

/**
 * Finds out why this process cannot load the native library, by examining the process and the library. The exception of
 * the system only says "failed to map segment" or names a file that exists, which does not explain the cause.
 *
 * @property platform JNA's name for the system and the processor, such as `linux-x86-64`.
 * @property libraries the native libraries that came along, by the names of their platforms.
 * @property mounts the lines of `/proc/self/mounts`; none where there is no such file.
 * @property mapped the files that this process has mapped, as in `/proc/self/maps`.
 * @property unpacked the folder that JNA unpacks libraries into.
 * @property read reads a file; null where it cannot be read.
 */
internal class LoadingTrouble(
    private val platform: String,
    private val libraries: Map<String, NativeFile>,
    private val mounts: List<String>,
    private val mapped: List<String>,
    private val unpacked: File,
    private val read: (String) -> NativeFile?,
) {
    /** The cause as the end of a sentence; what the system said where nothing else is found. */
    fun cause(failure: Throwable): String =
        wrongProcessor() ?: musl() ?: mountedNoexec() ?: oldGlibc() ?: inTheSystemsWords(failure)

    private val library get() = libraries[platform]

    private fun wrongProcessor(): String? {
        val library = library
        val has = libraries.keys.sorted().joinToString(" and ").ifEmpty { "none at all" }
        if (library == null) return "this is $platform, and the jar has the library for $has"
        val processor = library.processor ?: return null
        val name = processor.jnaName
        if (platform.endsWith("-$name")) return null
        return "this is $platform, and the library in the jar's folder of that name is for $name"
    }

    private fun musl(): String? {
        val library = library ?: return null
        val isOnMusl = mapped.any { File(it).name.startsWith("ld-musl-") }
        if (!isOnMusl || "libc.so.6" !in library.texts) return null
        return "the C library of this system is musl, as on Alpine, and the library needs glibc ${library.glibc}: " +
            "use a system or an image with glibc, such as Debian's"
    }

    private fun mountedNoexec(): String? {
        val folder = unpacked.absoluteFile.path
        // Of several at one place the last one is seen.
        val around = mounts.mapNotNull { Mount(it) }.filter { it.holds(folder) }.asReversed()
        val mount = around.maxByOrNull { it.at.length } ?: return null
        if ("noexec" !in mount.options) return null
        return "JNA unpacks it into $folder, and ${mount.at} is mounted noexec, so that nothing there can be " +
            "executed: name a folder elsewhere by the system property jna.tmpdir, as in java -Djna.tmpdir=/var/lib/myapp"
    }

    private fun oldGlibc(): String? {
        val needed = library?.glibc ?: return null
        val libc = mapped.firstOrNull { LIBC.matches(File(it).name) } ?: return null
        val present = read(libc)?.glibc ?: return null
        if (present >= needed) return null
        return "this system has glibc $present, and the library needs glibc $needed or later"
    }

    private fun inTheSystemsWords(failure: Throwable): String {
        val deepest = generateSequence(failure) { it.cause }.take(MOST_CAUSES).last()
        val words = (deepest.message ?: deepest.javaClass.simpleName).replace(Regex("\\s+"), " ")
        return if (words.length <= MOST_WORDS) words else words.take(MOST_WORDS) + "…"
    }

    /** A line of `/proc/self/mounts`: what, where, which kind, with which options. */
    private class Mount private constructor(val at: String, val options: List<String>) {
        fun holds(path: String) = at == "/" || path == at || path.startsWith("$at/")

        companion object {
            operator fun invoke(line: String): Mount? {
                val parts = line.split(' ')
                if (parts.size < 4) return null
                // Blanks in names are written as octal numbers.
                val at = parts[1].replace(Regex("\\\\([0-7]{3})")) { it.groupValues[1].toInt(8).toChar().toString() }
                return Mount(at, parts[3].split(','))
            }
        }
    }

    companion object {
        private val LIBC = Regex("libc(-2\\.\\d+)?\\.so(\\.6)?")
        private const val MOST_CAUSES = 20
        private const val MOST_WORDS = 300

        /** The platforms that a jar may have a native library for, by JNA's names of systems and processors. */
        private val PLATFORMS = listOf("linux", "darwin", "win32").flatMap { system ->
            Processor.values().map { "$system-${it.jnaName}" }
        }

        /** As it is here. */
        fun here(loader: ClassLoader): LoadingTrouble = LoadingTrouble(
            Platform.RESOURCE_PREFIX,
            PLATFORMS.mapNotNull { platform -> fromJar(loader, platform)?.let { platform to it } }.toMap(),
            linesOf("/proc/self/mounts"),
            linesOf("/proc/self/maps").map { it.substringAfterLast(' ') }.filter { it.startsWith('/') }.distinct(),
            folderOfJna(System.getProperties()::getProperty, System.getenv()),
            { path -> bytesOf { File(path).readBytes() }?.let(::NativeFile) },
        )

        /** The folder that JNA chooses, which does not tell. */
        fun folderOfJna(property: (String) -> String?, environment: Map<String, String>): File {
            property("jna.tmpdir")?.let { return File(it) }
            val system = File(property("java.io.tmpdir") ?: "/tmp")
            if (!Platform.isLinux()) return system
            val cache = environment["XDG_CACHE_HOME"]?.ifBlank { null } ?: "${property("user.home")}/.cache"
            val own = File(cache, "JNA/temp")
            return if (own.canWrite()) own else system
        }

        private fun fromJar(loader: ClassLoader, platform: String): NativeFile? {
            val name = when (platform.substringBefore('-')) {
                "darwin" -> "libwildfirechat_message.dylib"
                "win32" -> "wildfirechat_message.dll"
                else -> "libwildfirechat_message.so"
            }
            val resource = loader.getResource("$platform/$name") ?: return null
            return NativeFile(bytesOf { resource.openStream().use { it.readBytes() } } ?: ByteArray(0))
        }

        private fun linesOf(path: String) = bytesOf { File(path).readBytes() }?.decodeToString().orEmpty().lines()

        private fun bytesOf(read: () -> ByteArray): ByteArray? = try {
            read()
        } catch (_: IOException) {
            null
        } catch (_: SecurityException) {
            null
        }
    }
}

/** A library in the form of Linux (ELF), as far as it tells where it can be loaded. */
internal class NativeFile(private val bytes: ByteArray) {
    /** The processor it is for; null where it is no ELF file, or for one that this library knows nothing of. */
    val processor: Processor? by lazy {
        val isElf = bytes.size > 20 && String(bytes, 0, 4, Charsets.ISO_8859_1) == "\u007fELF"
        val machine = if (isElf) (bytes[18].toInt() and 0xff) or (bytes[19].toInt() and 0xff shl 8) else null
        Processor.values().firstOrNull { it.machine == machine }
    }

    /** The texts that end with a zero and say of which C library it is, or what it needs of one. */
    val texts: Set<String> by lazy {
        val found = HashSet<String>()
        // Byte for byte: a library is no text.
        val all = String(bytes, Charsets.ISO_8859_1)
        Regex("libc\\.so\\.6|GLIBC_2\\.\\d+").findAll(all).forEach { found += it.value }
        found
    }

    /** The newest glibc that it names: of glibc itself its own version, of another library the one that it needs. */
    val glibc: GlibcVersion? by lazy {
        texts.filter { it.startsWith("GLIBC_2.") }.map { GlibcVersion(it.substringAfter('.').toInt()) }.maxOrNull()
    }
}

/** A version of glibc, all of which begin with a 2 since 1997. */
internal data class GlibcVersion(private val minor: Int) : Comparable<GlibcVersion> {
    override fun compareTo(other: GlibcVersion) = minor.compareTo(other.minor)

    override fun toString() = "2.$minor"
}

/**
 * A processor.
 *
 * @property jnaName what JNA calls it.
 * @property machine its number in an ELF file.
 */
internal enum class Processor(val jnaName: String, val machine: Int) {
    X86("x86", 3),
    ARM("arm", 40),
    X86_64("x86-64", 62),
    AARCH64("aarch64", 183),
    RISCV64("riscv64", 243),
    LOONGARCH64("loongarch64", 258),
}
