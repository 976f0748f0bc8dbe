package chat.wildfire.message

import com.sun.jna.Memory
import com.sun.jna.Native
import com.sun.jna.Pointer
import java.nio.ByteBuffer
import java.nio.ByteOrder
import java.util.concurrent.ConcurrentLinkedQueue
import com.sun.jna.NativeLibrary as JnaLibrary

/**
 * A call into the native library, with its arguments, its answer and its status in memory as libffi reads and writes
 * them. The generated code makes all its calls through it.
 *
 * JNA would do the same with a `Structure` for each buffer and for the status, and looks at the fields of each with
 * reflection, both ways: that took ten times as long as all the rest of a call.
 */
internal class NativeCall private constructor() {
    private val memory = Memory(SIZE)
    private val address = Pointer.nativeValue(memory)
    private val bytes: ByteBuffer = memory.getByteBuffer(0, SIZE).order(ByteOrder.nativeOrder())

    fun put(index: Int, value: Byte) {
        bytes.put(place(index), value)
    }

    fun put(index: Int, value: Int) {
        bytes.putInt(place(index), value)
    }

    fun put(index: Int, value: Long) {
        bytes.putLong(place(index), value)
    }

    fun put(index: Int, value: Double) {
        bytes.putDouble(place(index), value)
    }

    fun put(index: Int, value: RustBuffer) {
        val place = place(index)
        bytes.putLong(place, value.capacity)
        bytes.putLong(place + LENGTH, value.len)
        bytes.putLong(place + DATA, Pointer.nativeValue(value.data))
    }

    /** Calls [function] with the arguments that were put, and the status behind them. */
    fun run(function: NativeFunction): NativeCall {
        bytes.putLong(place(function.arguments), address + STATUS)
        // Each time: libffi puts a pointer to a copy of its own in place of that to a buffer.
        for (index in 0..function.arguments) bytes.putLong(POINTERS + index * Long.SIZE_BYTES, address + place(index))
        Native.ffi_call(function.description, function.address, address + ANSWER, address + POINTERS)
        return this
    }

    /** The answer; libffi widens integers to 64 bits. */
    fun long(): Long = bytes.getLong(ANSWER)

    fun int(): Int = long().toInt()

    fun byte(): Byte = long().toByte()

    fun double(): Double = bytes.getDouble(ANSWER)

    fun buffer(): RustBuffer.ByValue = bufferAt(ANSWER)

    fun isSuccess(): Boolean = code == UNIFFI_CALL_SUCCESS

    fun isError(): Boolean = code == UNIFFI_CALL_ERROR

    fun isPanic(): Boolean = code == UNIFFI_CALL_UNEXPECTED_ERROR

    val code: Byte get() = bytes.get(STATUS)

    /** The error or the panic's words; only where it is no success. */
    val errorBuffer: RustBuffer.ByValue get() = bufferAt(STATUS + Long.SIZE_BYTES)

    fun giveBack() {
        IDLE.add(this)
    }

    private fun bufferAt(place: Int): RustBuffer.ByValue {
        val data = bytes.getLong(place + DATA)
        val pointer = if (data == 0L) null else Pointer(data)
        return RustBuffer.create(bytes.getLong(place).toULong(), bytes.getLong(place + LENGTH).toULong(), pointer)
    }

    companion object {
        /** Of a method of the native library, less the status. */
        const val MOST_ARGUMENTS = 8

        private const val STATUS = 0
        private const val ANSWER = 32
        private const val POINTERS = 64
        private const val VALUES = POINTERS + (MOST_ARGUMENTS + 1) * Long.SIZE_BYTES
        private const val BYTES_A_VALUE = 24
        private const val SIZE = (VALUES + (MOST_ARGUMENTS + 1) * BYTES_A_VALUE).toLong()

        /** Where a buffer has its length and its pointer, behind its capacity. */
        private const val LENGTH = 8
        private const val DATA = 16

        /** Not one a thread: a thread of an application server outlives the library, and would hold its classes. */
        private val IDLE = ConcurrentLinkedQueue<NativeCall>()

        /** One for a call; whoever takes it gives it back. */
        fun take(): NativeCall = (IDLE.poll() ?: NativeCall()).apply { bytes.put(STATUS, UNIFFI_CALL_SUCCESS) }

        private fun place(index: Int) = VALUES + index * BYTES_A_VALUE
    }
}

/** Of libffi's `ffi_type`: size, alignment and number, and the types of a structure's fields. */
private const val TYPE_SIZE = 24L

/** What a native function takes or gives, as libffi describes it: its size, its alignment and its number there. */
internal enum class NativeKind(size: Int, alignment: Int, number: Int) {
    NOTHING(1, 1, 0),
    BYTE(1, 1, 6),
    INT(4, 4, 10),
    LONG(8, 8, 12),
    DOUBLE(8, 8, 3),
    POINTER(8, 8, 14),

    /** uniffi's RustBuffer: two 64-bit numbers and a pointer, by value. */
    BUFFER(24, 8, 13),
    ;

    private val memory = Memory(TYPE_SIZE).apply {
        setLong(0, size.toLong())
        setShort(8, alignment.toShort())
        setShort(10, number.toShort())
        setLong(16, 0)
    }

    /** `ffi_type` */
    val address = Pointer.nativeValue(memory)

    private companion object {
        val FIELDS = Memory(4L * Long.SIZE_BYTES)

        init {
            listOf(LONG.address, LONG.address, POINTER.address, 0L).forEachIndexed { index, field ->
                FIELDS.setLong(index.toLong() * Long.SIZE_BYTES, field)
            }
            BUFFER.memory.setLong(16, Pointer.nativeValue(FIELDS))
        }
    }
}

/**
 * A function of the native library.
 *
 * @property address where it is.
 * @property description libffi's description of what it takes and gives.
 * @property arguments how many it takes before the status.
 */
internal class NativeFunction(val address: Long, val description: Long, val arguments: Int)

/** The functions of the native library, which is loaded as long as this is there. */
internal class NativeFunctions(library: String, loader: ClassLoader) {
    private val library = JnaLibrary.getInstance(library, loader)
    private val interfaces = HashMap<List<NativeKind>, Long>()

    init {
        if (Native.POINTER_SIZE != Long.SIZE_BYTES) throw UnsatisfiedLinkError("this is no 64-bit system")
    }

    /** The function [name], which gives [answer], takes [arguments] and, behind them, a pointer to the status. */
    fun find(name: String, answer: NativeKind, vararg arguments: NativeKind): NativeFunction {
        check(arguments.size <= NativeCall.MOST_ARGUMENTS) { "$name has ${arguments.size} arguments" }
        val address = Pointer.nativeValue(library.getFunction(name))
        val kinds = listOf(answer) + arguments + NativeKind.POINTER
        return NativeFunction(address, interfaces.getOrPut(kinds) { describe(kinds) }, arguments.size)
    }

    /** libffi keeps the types that it is given. */
    private fun describe(kinds: List<NativeKind>): Long {
        val types = Memory(kinds.size.toLong() * Long.SIZE_BYTES).also(KEPT::add)
        val arguments = kinds.drop(1)
        arguments.forEachIndexed { index, kind -> types.setLong(index.toLong() * Long.SIZE_BYTES, kind.address) }
        return Native.ffi_prep_cif(0, arguments.size, kinds.first().address, Pointer.nativeValue(types))
    }

    private companion object {
        val KEPT = ArrayList<Memory>()
    }
}

/**
 * Writes [text] as UTF-8 behind its length. Fails with [java.nio.charset.CharacterCodingException] where it is none.
 */
internal fun writeText(text: String, buffer: ByteBuffer) {
    // Half a pair would become a question mark.
    if (text.any(Char::isSurrogate)) {
        val strictly = FfiConverterString.toUtf8(text)
        buffer.putInt(strictly.limit()).put(strictly)
    } else {
        val bytes = text.toByteArray()
        buffer.putInt(bytes.size).put(bytes)
    }
}
