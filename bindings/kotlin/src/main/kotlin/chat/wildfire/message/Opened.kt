package chat.wildfire.message

/** The two native objects of a client: its [calls], and its [access], which those that take their time are waited with. */
internal class Opened<N : AutoCloseable>(val calls: N, val access: NativeAccess) : AutoCloseable {
    override fun close() {
        calls.close()
        access.close()
    }
}
