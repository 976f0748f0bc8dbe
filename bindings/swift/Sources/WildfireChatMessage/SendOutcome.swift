/// What became of one of many messages: what the server took, or why it did not.
public typealias SendOutcome = Result<SentMessage, MessageError>
