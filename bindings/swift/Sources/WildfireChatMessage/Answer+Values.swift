/// One property for each kind of answer: its value, or nil where the answer is of another kind.
extension Answer {
    var done: Void? {
        if case .done = self { () } else { nil }
    }

    var sent: SentMessage? {
        if case .sent(let value) = self { value } else { nil }
    }

    var broadcast: BroadcastMessage? {
        if case .broadcast(let value) = self { value } else { nil }
    }

    var recalled: RecalledMessage?? {
        if case .recalled(let value) = self { .some(value) } else { nil }
    }

    var message: Message? {
        if case .message(let value) = self { value } else { nil }
    }

    var maybeMessage: Message?? {
        if case .maybeMessage(let value) = self { .some(value) } else { nil }
    }

    var timestamp: Int64? {
        if case .timestamp(let value) = self { value } else { nil }
    }
}
