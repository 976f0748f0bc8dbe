/// Short-hands for extras that mention somebody.
extension ContentExtras {
    /// Mentions these users.
    ///
    /// - Parameter userIds: Ids of the users who are mentioned.
    /// - Returns: Extras with these mentions and nothing else.
    public static func mention(_ userIds: [String]) -> ContentExtras {
        ContentExtras(mentionedType: MentionedType.targets, mentionedTargets: userIds)
    }

    /// Mentions everyone in the conversation, and nothing else.
    public static var mentionEveryone: ContentExtras {
        ContentExtras(mentionedType: MentionedType.everyone)
    }
}
