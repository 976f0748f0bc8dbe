package chat.wildfire.message

/**
 * Makes [ContentExtras] from Java; what is left out stays empty. Kotlin names the arguments of [ContentExtras] instead.
 *
 * ```java
 * ContentExtras extras = new ContentExtrasBuilder(Extras.mention("ann")).pushContent("Ann, look").build();
 * ```
 *
 * @constructor Begins with all fields of [extras], to change some of them.
 */
class ContentExtrasBuilder(private var extras: ContentExtras) {
    /** Begins with nothing set. */
    constructor() : this(ContentExtras())

    /** Who is mentioned, one of [MentionedType]; [Extras] has short-hands. */
    fun mentionedType(value: Int) = change { copy(mentionedType = value) }

    /** Ids of the users who are mentioned when the mentioned type is 1. */
    fun mentionedTargets(value: List<String>) = change { copy(mentionedTargets = value) }

    /** Text of the sender's own that travels with the message. */
    fun extra(value: String) = change { copy(extra = value) }

    /** The text of the push notification; empty for the receiver's own default. */
    fun pushContent(value: String) = change { copy(pushContent = value) }

    /** Data that goes with the push notification, not shown. */
    fun pushData(value: String) = change { copy(pushData = value) }

    /** Seconds after reading at which the message disappears; 0 for never. */
    fun expireDuration(value: Int) = change { copy(expireDuration = value) }

    /** The extras with everything that was set so far. */
    fun build(): ContentExtras = extras

    private inline fun change(changed: ContentExtras.() -> ContentExtras) = apply { extras = extras.changed() }
}
