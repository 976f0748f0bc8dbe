package chat.wildfire.message

/** The two native objects of a client: its [calls], and its [access], with which a call that takes long is waited for. */
internal class Opened<N : AutoCloseable>(val calls: N, val access: NativeAccess) : AutoCloseable {
    override fun close() {
        calls.close()
        access.close()
    }
}
