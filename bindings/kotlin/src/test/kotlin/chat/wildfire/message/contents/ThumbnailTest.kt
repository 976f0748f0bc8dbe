package chat.wildfire.message.contents

import chat.wildfire.message.ImageContent
import chat.wildfire.message.MessageContent
import chat.wildfire.message.MessageException
import chat.wildfire.message.decodeContent
import chat.wildfire.message.makeThumbnail
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.Test
import org.junit.jupiter.api.assertThrows
import java.awt.image.BufferedImage
import java.io.ByteArrayOutputStream
import javax.imageio.ImageIO

class ThumbnailTest {
    @Test
    fun `an image becomes a small jpeg`() {
        val thumbnail = makeThumbnail(picture(240, 120))
        val seen = ImageIO.read(thumbnail.inputStream())
        assertEquals(120 to 60, seen.width to seen.height)
        assertEquals(listOf<Byte>(-1, -40), thumbnail.take(2))
        assertTrue(thumbnail.size < 8 * 1024)

        val image = ImageContent("https://files/i.png", thumbnail, width = 240, height = 120)
        assertEquals(MessageContent.Image(image), decodeContent(image.toPayload()))
    }

    @Test
    fun `a broken image is refused`() {
        val whole = picture(240, 120)
        for (image in listOf(byteArrayOf(), whole.copyOf(whole.size / 2), "no image".toByteArray())) {
            val failure = assertThrows<MessageException.InvalidArgument> { makeThumbnail(image) }
            assertEquals("image", failure.argument)
            assertTrue(failure.reason.startsWith("it "), failure.reason)
        }
    }

    private fun picture(width: Int, height: Int): ByteArray {
        val image = BufferedImage(width, height, BufferedImage.TYPE_INT_RGB)
        image.createGraphics().fillRect(0, 0, width / 2, height)
        return ByteArrayOutputStream().also { ImageIO.write(image, "png", it) }.toByteArray()
    }
}
