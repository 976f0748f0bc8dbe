import Foundation
import WildfireChatMessage

// From a vector's JSON to the library's records, by the fields' names in Rust.

extension TextContent: Form {
    init(of fields: inout Fields) throws {
        self.init(text: "")
        try fields.put("text", in: &text)
        try fields.put("quote", in: &quote)
    }
}

extension PlainTextContent: Form {
    init(of fields: inout Fields) throws {
        self.init(text: "")
        try fields.put("text", in: &text)
        try fields.put("quote", in: &quote)
    }
}

extension Quote: Form {
    init(of fields: inout Fields) throws {
        self.init(messageUid: 0)
        try fields.put("message_uid", in: &messageUid)
        try fields.put("user_id", in: &userId)
        try fields.put("display_name", in: &displayName)
        try fields.put("digest", in: &digest)
    }
}

extension VoiceContent: Form {
    init(of fields: inout Fields) throws {
        self.init(remoteMediaUrl: "")
        try fields.put("remote_media_url", in: &remoteMediaUrl)
        try fields.put("duration", in: &duration)
    }
}

extension ImageContent: Form {
    init(of fields: inout Fields) throws {
        self.init(remoteMediaUrl: "")
        try fields.put("remote_media_url", in: &remoteMediaUrl)
        try fields.put("thumbnail", in: &thumbnail)
        try fields.put("width", in: &width)
        try fields.put("height", in: &height)
    }
}

extension LocationContent: Form {
    init(of fields: inout Fields) throws {
        self.init(title: "")
        try fields.put("title", in: &title)
        try fields.put("latitude", in: &latitude)
        try fields.put("longitude", in: &longitude)
        try fields.put("thumbnail", in: &thumbnail)
    }
}

extension FileContent: Form {
    init(of fields: inout Fields) throws {
        self.init(name: "")
        try fields.put("name", in: &name)
        try fields.put("size", in: &size)
        try fields.put("remote_media_url", in: &remoteMediaUrl)
    }
}

extension VideoContent: Form {
    init(of fields: inout Fields) throws {
        self.init(remoteMediaUrl: "")
        try fields.put("remote_media_url", in: &remoteMediaUrl)
        try fields.put("duration", in: &duration)
        try fields.put("thumbnail", in: &thumbnail)
    }
}

extension StickerContent: Form {
    init(of fields: inout Fields) throws {
        self.init(remoteMediaUrl: "")
        try fields.put("remote_media_url", in: &remoteMediaUrl)
        try fields.put("width", in: &width)
        try fields.put("height", in: &height)
    }
}

extension LinkContent: Form {
    init(of fields: inout Fields) throws {
        self.init(title: "")
        try fields.put("title", in: &title)
        try fields.put("url", in: &url)
        try fields.put("digest", in: &digest)
        try fields.put("thumbnail_url", in: &thumbnailUrl)
    }
}

extension CardContent: Form {
    init(of fields: inout Fields) throws {
        self.init(target: "")
        try fields.put("target", in: &target)
        try fields.put("kind", in: &kind)
        try fields.put("name", in: &name)
        try fields.put("display_name", in: &displayName)
        try fields.put("portrait", in: &portrait)
        try fields.put("from_user", in: &fromUser)
    }
}

extension CompositeContent: Form {
    init(of fields: inout Fields) throws {
        self.init(title: "")
        try fields.put("title", in: &title)
        try fields.put("messages", in: &messages)
        try fields.put("remote_media_url", in: &remoteMediaUrl)
    }
}

extension RichNotificationContent: Form {
    init(of fields: inout Fields) throws {
        self.init(title: "")
        try fields.put("title", in: &title)
        try fields.put("description", in: &description)
        try fields.put("remark", in: &remark)
        try fields.put("ex_name", in: &exName)
        try fields.put("ex_portrait", in: &exPortrait)
        try fields.put("ex_url", in: &exUrl)
        try fields.put("app_id", in: &appId)
        try fields.put("items", in: &items)
    }
}

extension NotificationItem: Form {
    init(of fields: inout Fields) throws {
        self.init(key: "")
        try fields.put("key", in: &key)
        try fields.put("value", in: &value)
        try fields.put("color", in: &color)
    }
}

extension ArticlesContent: Form {
    init(of fields: inout Fields) throws {
        self.init(top: Article(title: ""))
        try fields.put("top", in: &top)
        try fields.put("sub_articles", in: &subArticles)
    }
}

extension Article: Form {
    init(of fields: inout Fields) throws {
        self.init(title: "")
        try fields.put("title", in: &title)
        try fields.put("id", in: &id)
        try fields.put("cover", in: &cover)
        try fields.put("digest", in: &digest)
        try fields.put("url", in: &url)
        try fields.put("read_report", in: &readReport)
    }
}

extension StreamingTextGeneratingContent: Form {
    init(of fields: inout Fields) throws {
        self.init(streamId: "")
        try fields.put("stream_id", in: &streamId)
        try fields.put("text", in: &text)
    }
}

extension StreamingTextGeneratedContent: Form {
    init(of fields: inout Fields) throws {
        self.init(streamId: "")
        try fields.put("stream_id", in: &streamId)
        try fields.put("text", in: &text)
    }
}

extension StreamingTextCancelledContent: Form {
    init(of fields: inout Fields) throws {
        self.init(streamId: "")
        try fields.put("stream_id", in: &streamId)
        try fields.put("text", in: &text)
    }
}

extension TipContent: Form {
    init(of fields: inout Fields) throws {
        self.init(tip: "")
        try fields.put("tip", in: &tip)
    }
}

extension TypingContent: Form {
    init(of fields: inout Fields) throws {
        self.init(kind: 0)
        try fields.put("kind", in: &kind)
    }
}

extension CollectionContent: Form {
    init(of fields: inout Fields) throws {
        self.init(title: "")
        try fields.put("title", in: &title)
        try fields.put("collection_id", in: &collectionId)
        try fields.put("group_id", in: &groupId)
        try fields.put("creator_id", in: &creatorId)
        try fields.put("desc", in: &desc)
        try fields.put("template", in: &template)
        try fields.put("expire_type", in: &expireType)
        try fields.put("expire_at", in: &expireAt)
        try fields.put("max_participants", in: &maxParticipants)
        try fields.put("status", in: &status)
        try fields.put("created_at", in: &createdAt)
        try fields.put("updated_at", in: &updatedAt)
        try fields.put("entries", in: &entries)
    }
}

extension CollectionEntry: Form {
    init(of fields: inout Fields) throws {
        self.init(userId: "")
        try fields.put("user_id", in: &userId)
        try fields.put("content", in: &content)
        try fields.put("created_at", in: &createdAt)
    }
}

extension PollContent: Form {
    init(of fields: inout Fields) throws {
        self.init(title: "")
        try fields.put("title", in: &title)
        try fields.put("poll_id", in: &pollId)
        try fields.put("group_id", in: &groupId)
        try fields.put("creator_id", in: &creatorId)
        try fields.put("desc", in: &desc)
        try fields.put("visibility", in: &visibility)
        try fields.put("kind", in: &kind)
        try fields.put("anonymous", in: &anonymous)
        try fields.put("status", in: &status)
        try fields.put("end_time", in: &endTime)
        try fields.put("total_votes", in: &totalVotes)
    }
}

extension PollResultContent: Form {
    init(of fields: inout Fields) throws {
        self.init(title: "")
        try fields.put("title", in: &title)
        try fields.put("poll_id", in: &pollId)
        try fields.put("group_id", in: &groupId)
        try fields.put("creator_id", in: &creatorId)
        try fields.put("total_votes", in: &totalVotes)
        try fields.put("voter_count", in: &voterCount)
        try fields.put("winning_option_ids", in: &winningOptionIds)
        try fields.put("winning_option_texts", in: &winningOptionTexts)
        try fields.put("ended_at", in: &endedAt)
        try fields.put("status", in: &status)
        try fields.put("results", in: &results)
    }
}

extension PollOptionResult: Form {
    init(of fields: inout Fields) throws {
        self.init(optionId: "")
        try fields.put("option_id", in: &optionId)
        try fields.put("option_text", in: &optionText)
        try fields.put("vote_count", in: &voteCount)
    }
}

extension MeetingMinutesContent: Form {
    init(of fields: inout Fields) throws {
        self.init(text: "")
        try fields.put("text", in: &text)
        try fields.put("title", in: &title)
        try fields.put("meeting_id", in: &meetingId)
    }
}

extension TranscriptionContent: Form {
    init(of fields: inout Fields) throws {
        self.init(content: "")
        try fields.put("content", in: &content)
        try fields.put("meeting_id", in: &meetingId)
        try fields.put("user_id", in: &userId)
        try fields.put("timestamp", in: &timestamp)
        try fields.put("duration", in: &duration)
        try fields.put("id", in: &id)
    }
}

extension MixMultiMediaTextContent: Form {
    init(of fields: inout Fields) throws {
        self.init(text: "")
        try fields.put("text", in: &text)
        try fields.put("items", in: &items)
    }
}

extension MixMultiMediaItem: Form {
    init(of fields: inout Fields) throws {
        self.init(url: "")
        try fields.put("url", in: &url)
        try fields.put("is_video", in: &isVideo)
        try fields.put("thumbnail", in: &thumbnail)
        try fields.put("width", in: &width)
        try fields.put("height", in: &height)
    }
}

extension MixFileTextContent: Form {
    init(of fields: inout Fields) throws {
        self.init(text: "")
        try fields.put("text", in: &text)
        try fields.put("files", in: &files)
    }
}

extension MixFile: Form {
    init(of fields: inout Fields) throws {
        self.init(url: "")
        try fields.put("url", in: &url)
        try fields.put("name", in: &name)
        try fields.put("size", in: &size)
        try fields.put("is_video", in: &isVideo)
    }
}

extension RecalledContent: Form {
    init(of fields: inout Fields) throws {
        self.init(operator: "")
        try fields.put("operator", in: &self.operator)
        try fields.put("message_uid", in: &messageUid)
        try fields.put("original", in: &original)
    }
}

extension RecalledMessage: Form {
    init(of fields: inout Fields) throws {
        self.init(
            sender: "", timestamp: 0, contentType: 0, searchableContent: "", content: "", extra: "", data: Data(),
            mediaType: 0, remoteMediaUrl: "")
        try fields.put("sender", in: &sender)
        try fields.put("timestamp", in: &timestamp)
        try fields.put("content_type", in: &contentType)
        try fields.put("searchable_content", in: &searchableContent)
        try fields.put("content", in: &content)
        try fields.put("extra", in: &extra)
        try fields.put("data", in: &data)
        try fields.put("media_type", in: &mediaType)
        try fields.put("remote_media_url", in: &remoteMediaUrl)
    }
}

extension ContentExtras: Form {
    init(of fields: inout Fields) throws {
        self.init()
        try fields.put("mentioned_type", in: &mentionedType)
        try fields.put("mentioned_targets", in: &mentionedTargets)
        try fields.put("extra", in: &extra)
        try fields.put("push_content", in: &pushContent)
        try fields.put("push_data", in: &pushData)
        try fields.put("expire_duration", in: &expireDuration)
    }
}

extension Message: Form {
    init(of fields: inout Fields) throws {
        self.init(
            messageUid: 0, sender: "", conversation: try fields.conversation("conversation"),
            payload: try fields.payload("payload"))
        try fields.put("message_uid", in: &messageUid)
        try fields.put("sender", in: &sender)
        try fields.put("to_users", in: &toUsers)
        try fields.put("timestamp", in: &timestamp)
    }
}
