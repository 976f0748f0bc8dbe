{%- for name in shown %}
    private let {{ name }}: String
{%- endfor %}
    let core: ClientCore<{{ client.native() }}>

    /// Makes a client.
    ///
    /// - Parameters:
{%- for line in arguments %}
    /// {{ line }}
{%- endfor %}
    ///   - options: Time-outs, limits, proxy and certificates; the defaults when left out.
    ///   - credentials: What a proxy or a gateway on the way requires: a login, a certificate, headers.
    ///   - logHandler: Where the client logs its calls; nowhere when left out.
    ///   - tracer: What makes traces and metrics of its calls; nothing when left out.
    /// - Throws: ``MessageError/invalidArgument(argument:reason:)`` if the URL is not an http or https URL,
    ///   {% if client.id().is_some() %}the id or {% endif %}the secret is empty, or an option or a part of the
    ///   credentials can never work.
    public convenience init(
        {{ parameters }}, options: ClientOptions? = nil, credentials: Credentials? = nil,
        logHandler: (any MessageLogHandler)? = nil, tracer: (any MessageTracer)? = nil
    ) throws(MessageError) {
        try self.init(
            {{ passed }}, options: options, credentials: credentials, logHandler: logHandler,
            tracer: tracer, slice: {{ slice }})
    }

    /// `slice` is how long a call waits, in seconds, before it looks whether its task was cancelled; 0 if no thread waits.
    init(
        {{ parameters }}, options: ClientOptions?, credentials: Credentials? = nil,
        logHandler: (any MessageLogHandler)? = nil, tracer: (any MessageTracer)? = nil, slice: TimeInterval
    ) throws(MessageError) {
        core = try ClientCore(
            logHandler: logHandler, tracer: tracer, options: options,
            make: {
                try {{ client.native() }}.inSlicesWith(
                    {{ passed }}, options: options, slice: slice,
                    proxyLogin: credentials?.proxyLogin, clientCertificate: credentials?.clientCertificate,
                    headers: credentials?.headers ?? [:])
            },
            access: { try $0.access() })
{%- for name in shown %}
        self.{{ name }} = {{ name }}
{%- endfor %}
    }

    /// Closes the client and its connections.
    ///
    /// Calls that are under way in other threads or tasks end normally; later calls throw
    /// ``MessageError/invalidArgument(argument:reason:)``. A second call does no harm.
    public func close() {
        core.close()
    }

    /// Closes the idle connections. Calls that are under way keep theirs, and the next call opens a new one.
    ///
    /// A client that is not used does nothing by itself: its idle connections stay open until the next call closes
    /// those that are older than `poolIdleTimeout`, or until this method is called.
    public func closeIdle() throws(MessageError) {
        try core.closeIdle()
    }

    /// What this client has done so far in this process, in numbers of one moment: calls, attempts, errors by their
    /// name, unknown fates, connections, waits for limits, and how long attempts took. The client always counts them.
    public func stats() throws(MessageError) -> ClientStats {
        try core.stats()
    }
}
