@file:JvmName("ExtrasShortHands")

package chat.wildfire.message

/** Mentions these users, by their ids. */
@JvmSynthetic
fun ContentExtras.Companion.mention(vararg userIds: String): ContentExtras = Extras.mention(*userIds)

/** Mentions these users, by their ids. */
@JvmSynthetic
fun ContentExtras.Companion.mention(userIds: List<String>): ContentExtras = Extras.mention(userIds)

/** Mentions everyone in the conversation. */
@JvmSynthetic
fun ContentExtras.Companion.mentionEveryone(): ContentExtras = Extras.mentionEveryone()

/**
 * What goes with a content, made from Java: mentions, and [ContentExtrasBuilder] for the rest. Kotlin names the
 * arguments of [ContentExtras] and of its `copy`, and has the same short-hands on [ContentExtras] itself.
 */
object Extras {
    /** Mentions these users, by their ids. */
    @JvmStatic
    fun mention(vararg userIds: String): ContentExtras = mention(userIds.asList())

    /** Mentions these users, by their ids. */
    @JvmStatic
    fun mention(userIds: List<String>): ContentExtras =
        ContentExtras(mentionedType = MentionedType.TARGETS, mentionedTargets = userIds)

    /** Mentions everyone in the conversation. */
    @JvmStatic
    fun mentionEveryone(): ContentExtras = ContentExtras(mentionedType = MentionedType.EVERYONE)
}
