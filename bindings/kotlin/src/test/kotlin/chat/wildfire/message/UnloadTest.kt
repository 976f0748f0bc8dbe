package chat.wildfire.message

import com.sun.jna.Native
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Test
import java.io.File
import java.net.URLClassLoader
import kotlin.concurrent.thread
import com.sun.jna.NativeLibrary as JnaLibrary

/** The native library's end before the JVM's own. */
class UnloadTest {
    private fun ends(how: String, output: String) = Program.run("UnloadTest", how).run {
        assertEquals("" to output, errors to this.output)
        assertEquals(0, code)
    }

    @Test
    fun `an application server may load and drop the library again and again`() =
        ends("class loaders", "called and forgotten\n".repeat(3))

    @Test
    fun `a call whose native library JNA was told to forget goes on`() = ends("unregister", "sent\n")
}

/** A program that takes the native library, or the classes in front of it, away from a client that nobody closed. */
fun main(arguments: Array<String>) {
    val sandbox = Sandbox(SECRET)
    when (arguments.single()) {
        "class loaders" -> repeat(3) {
            callInALoaderOfItsOwn(sandbox.baseUrl)
            repeat(3) {
                System.gc()
                Thread.sleep(50)
            }
        }

        "unregister" -> forget(sandbox)

        else -> error("there is no such way")
    }
}

/** As a web application has the library, when only JNA is the application server's. */
private fun callInALoaderOfItsOwn(server: String) {
    val classpath = System.getProperty("java.class.path").split(File.pathSeparator).map { File(it).toURI().toURL() }
    val loader = object : URLClassLoader(classpath.toTypedArray(), Native::class.java.classLoader) {
        override fun loadClass(name: String, resolve: Boolean): Class<*> = synchronized(getClassLoadingLock(name)) {
            val isOurs = name.startsWith("chat.wildfire.")
            if (isOurs) findLoadedClass(name) ?: findClass(name) else super.loadClass(name, resolve)
        }
    }
    val type = loader.loadClass(MessageClient::class.java.name)
    check(type !== MessageClient::class.java) { "it is the same class" }
    val client = type.getConstructor(String::class.java, String::class.java).newInstance(server, SECRET)
    // On a thread of its own: with its end the library lets go what it kept for the thread.
    thread { type.getMethod("getDeliveryTimestamp", String::class.java).invoke(client, "user1") }.join()
    println("called and forgotten")
}

private fun forget(sandbox: Sandbox) {
    val client = MessageClient(sandbox.baseUrl, SECRET)
    client.sendHello()
    Native.unregister(UniffiLib::class.java)
    Native.unregister(IntegrityCheckingUniffiLib::class.java)
    JnaLibrary.getInstance("wildfirechat_message", UniffiLib::class.java.classLoader).close()
    client.sendHello()
    println("sent")
}
