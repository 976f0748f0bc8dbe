// Generated from the Rust enums of the same names. Do not edit.

package chat.wildfire.message

object Code {
    /** Quoted: "odd" */
    const val ODD: Int = -1
}

/** What a place is. */
object Kind {
    /** One user. */
    const val SINGLE: Int = 0

    /**
     * Nobody else / * nobody * /
     * reads it.
     */
    const val SECRET_CHAT: Int = 5

    const val DEFAULT: Int = 6
}
