// Generated from the Rust enums of the same names. Do not edit.

public enum Code {
    /// Quoted: "odd"
    public static let odd: Int32 = -1
}

/// What a place is.
public enum Kind {
    /// One user.
    public static let single: Int32 = 0

    /// Nobody else /* nobody */
    /// reads it.
    public static let secretChat: Int32 = 5

    public static let `default`: Int32 = 6
}
