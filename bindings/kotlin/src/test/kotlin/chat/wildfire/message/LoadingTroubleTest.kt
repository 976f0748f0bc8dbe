package chat.wildfire.message

import com.sun.jna.Platform
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertNull
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.Assumptions.assumeTrue
import org.junit.jupiter.api.Test
import org.junit.jupiter.api.condition.EnabledOnOs
import org.junit.jupiter.api.condition.OS
import org.junit.jupiter.api.io.TempDir
import java.io.File
import java.util.concurrent.TimeUnit

/** If the native library cannot be loaded, the exception names the cause. */
class LoadingTroubleTest {
    private val failure = ExceptionInInitializerError(UnsatisfiedLinkError("/x/jna1.tmp:\n failed to map segment"))

    /** A file in the form of Linux for a processor, with some texts in it. */
    private fun elf(machine: Int, vararg texts: String) = NativeFile(
        byteArrayOf(0x7f, 'E'.code.toByte(), 'L'.code.toByte(), 'F'.code.toByte()) + ByteArray(14) +
            byteArrayOf(machine.toByte(), (machine shr 8).toByte()) +
            texts.joinToString("") { "\u0000$it" }.toByteArray(),
    )

    private val ours = elf(62, "libc.so.6", "GLIBC_2.2.5", "GLIBC_2.34", "GLIBC_2.17")
    private val root = listOf("overlay / overlay rw,relatime 0 0")
    private val glibc = listOf("/usr/lib/jvm/bin/java", "/usr/lib/x86_64-linux-gnu/libc.so.6")

    private fun cause(
        platform: String = "linux-x86-64",
        libraries: Map<String, NativeFile> = mapOf("linux-x86-64" to ours),
        mounts: List<String> = root,
        mapped: List<String> = glibc,
        libc: NativeFile? = elf(62, "GLIBC_2.2.5", "GLIBC_2.41"),
    ) = LoadingTrouble(platform, libraries, mounts, mapped, File("/tmp/JNA/temp")) { libc }.cause(failure)

    @Test
    fun `a mount without execution is named, with the way out`() {
        val expected = "JNA unpacks it into /tmp/JNA/temp, and /tmp is mounted noexec, so that nothing there can be " +
            "executed: name a folder elsewhere by the system property jna.tmpdir, as in java -Djna.tmpdir=/var/lib/myapp"
        assertEquals(expected, cause(mounts = root + "tmpfs /tmp tmpfs rw,nosuid,noexec,relatime 0 0"))
        // The innermost mount decides, and of two at one place the last one.
        val executable = "tmpfs /tmp/JNA tmpfs rw 0 0"
        assertTrue("noexec" !in cause(mounts = root + "tmpfs /tmp tmpfs rw,noexec 0 0" + executable))
        assertTrue("noexec" !in cause(mounts = root + "tmpfs /tm tmpfs rw,noexec 0 0"))
        assertTrue("noexec" !in cause(mounts = root + "tmpfs /tmp tmpfs rw,noexec 0 0" + "tmpfs /tmp tmpfs rw 0 0"))
        assertTrue("and / is mounted noexec" in cause(mounts = listOf("/dev/vda / ext4 ro,noexec 0 0")))
    }

    @Test
    fun `a system with musl is named`() {
        val mapped = listOf("/usr/lib/jvm/bin/java", "/lib/ld-musl-x86_64.so.1")
        val expected = "the C library of this system is musl, as on Alpine, and the library needs glibc 2.34: use a " +
            "system or an image with glibc, such as Debian's"
        assertEquals(expected, cause(mapped = mapped))
        // A library for musl has another trouble.
        val forMusl = mapOf("linux-x86-64" to elf(62, "libc.musl-x86_64.so.1"))
        assertTrue("musl" !in cause(libraries = forMusl, mapped = mapped))
    }

    @Test
    fun `an old glibc is named with the one that is needed`() {
        val old = elf(62, "GLIBC_2.2.5", "GLIBC_2.17")
        assertEquals("this system has glibc 2.17, and the library needs glibc 2.34 or later", cause(libc = old))
        // Where the file is called by its version, as on CentOS 7.
        assertTrue("glibc 2.17" in cause(libc = old, mapped = listOf("/usr/lib64/libc-2.17.so")))
        assertTrue("2.9," !in cause(libc = elf(62, "GLIBC_2.9", "GLIBC_2.34")), "compared as numbers")
    }

    @Test
    fun `another processor is named`() {
        val platforms = mapOf("linux-x86-64" to ours, "linux-aarch64" to elf(183))
        assertEquals(
            "this is linux-loongarch64, and the jar has the library for linux-aarch64 and linux-x86-64",
            cause("linux-loongarch64", platforms),
        )
        val none = cause("linux-aarch64", emptyMap())
        assertEquals("this is linux-aarch64, and the jar has the library for none at all", none)
        assertEquals(
            "this is linux-aarch64, and the library in the jar's folder of that name is for x86-64",
            cause("linux-aarch64", mapOf("linux-aarch64" to ours)),
        )
    }

    @Test
    fun `what is none of these is said in the system's words, in one line and not without end`() {
        assertEquals("/x/jna1.tmp: failed to map segment", cause())
        val endless = UnsatisfiedLinkError("x".repeat(5_000))
        val trouble = LoadingTrouble("linux-x86-64", mapOf("linux-x86-64" to ours), root, glibc, File("/tmp")) { null }
        assertEquals(301, trouble.cause(endless).length)
    }

    @Test
    @EnabledOnOs(OS.LINUX)
    fun `the library and the system here are read as they are`() {
        val name = "${Platform.RESOURCE_PREFIX}/libwildfirechat_message.so"
        val library = NativeFile(javaClass.classLoader.getResource(name)!!.readBytes())
        assertEquals(Platform.RESOURCE_PREFIX, "linux-${library.processor!!.jnaName}")
        assertTrue("libc.so.6" in library.texts)
        assertNull(NativeFile(ByteArray(0)).processor)
        val mapped = File("/proc/self/maps").readLines().map { it.substringAfterLast(' ') }
        val libc = mapped.first { "/libc" in it && ".so" in it }
        assertTrue(NativeFile(File(libc).readBytes()).glibc!! >= library.glibc!!)
    }

    @Test
    fun `JNA's folder is found as JNA finds it`(@TempDir folder: File) {
        val cache = File(folder, "cache").also { File(it, "JNA/temp").mkdirs() }
        val set = mapOf("jna.tmpdir" to "/a", "java.io.tmpdir" to "/b", "user.home" to "/c")
        assertEquals(File("/a"), LoadingTrouble.folderOfJna(set::get, emptyMap()))
        assertEquals(File("/b"), LoadingTrouble.folderOfJna((set - "jna.tmpdir")::get, emptyMap()))
        if (Platform.isLinux()) {
            val found = LoadingTrouble.folderOfJna((set - "jna.tmpdir")::get, mapOf("XDG_CACHE_HOME" to cache.path))
            assertEquals(File(cache, "JNA/temp"), found)
        }
    }

    @Test
    @EnabledOnOs(OS.LINUX)
    fun `on a real mount without execution a client says so`() {
        val java = ProcessHandle.current().info().command().get()
        // In a name space of its own: nobody else sees the mount.
        val script = "mkdir -p /tmp/wfc && mount -t tmpfs -o noexec tmpfs /tmp/wfc && " +
            "exec \"$java\" -Djna.tmpdir=/tmp/wfc -cp \"\$1\" chat.wildfire.message.LoadingTroubleTestKt"
        val unshared = listOf("unshare", "--user", "--map-root-user", "--mount", "sh", "-c", script, "sh")
        val command = unshared + System.getProperty("java.class.path")
        val process = ProcessBuilder(command).redirectErrorStream(true).start()
        val output = process.inputStream.bufferedReader().readText()
        assertTrue(process.waitFor(1, TimeUnit.MINUTES))
        assumeTrue("loaded" in output || "UnsatisfiedLinkError" in output, "no mount of one's own here: $output")
        val expected =
            "wildfirechat-message cannot load its native library on ${Platform.RESOURCE_PREFIX}: JNA unpacks it into " +
                "/tmp/wfc, and /tmp/wfc is mounted noexec"
        assertTrue(expected in output, output)
        assertTrue("-Djna.tmpdir=" in output, output)
    }
}

/** A program that makes a client, and says why it cannot. */
fun main() {
    try {
        MessageClient("http://localhost", SECRET)
        println("loaded")
    } catch (failure: UnsatisfiedLinkError) {
        println(failure)
    }
}
