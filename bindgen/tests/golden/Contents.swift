// Generated from the Rust functions and methods of the same names. Do not edit.

import Foundation

/// Reads a note.
public func readNote(_ place: Place) throws(MessageError) -> Outcome {
    do { return try nativeReadNote(place: place) } catch { throw MessageError(error) }
}

extension Note: Content {
    /// What the library does with it.
    public func toPayload(extras: Place? = nil) throws(MessageError) -> Place {
        do { return try nativeToPayload(extras: extras) } catch { throw MessageError(error) }
    }
}
