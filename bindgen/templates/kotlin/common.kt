    /**
     * Closes the idle connections. Calls that are under way keep theirs, and the next call opens a new one.
     *
     * A client that is not used does nothing by itself: its idle connections stay open until the next call closes those
     * that are older than [ClientOptions.poolIdleTimeout], or until this method is called.
     */
    fun closeIdle() = native.use { translatingErrors(NO_ARGUMENTS) { it.access.closeIdle() } }

    /**
     * What this client has done so far in this process, in numbers of one moment: calls, attempts, errors by their
     * name, unknown fates, connections, waits for limits, and how long attempts took. The client always counts them.
     */
    fun stats(): ClientStats = native.use { translatingErrors(NO_ARGUMENTS) { it.access.stats() } }

    /**
     * Closes the client: every later call fails with [IllegalStateException]. Calls that are under way end normally.
     */
    override fun close() = native.close()

    /** The URL of the server{% if client.id().is_some() %} and the id{% endif %}; never the secret. */
    override fun toString(): String = "{{ name }}($baseUrl{% for id in client.id() %}, ${{ arguments[1].0 }}{% endfor %})"
