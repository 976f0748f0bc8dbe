    def close_idle(self) -> None:
        """Closes the idle connections. Calls that are under way keep theirs, and the next call opens a new one.

        A client that is not used does nothing by itself: its idle connections stay open until the next call closes
        those that are older than `pool_idle_timeout`, or until this method is called. Call it before a long pause or
        a fork.
        """
        self._open()[1].close_idle()

    def stats(self) -> ClientStats:
        """What this client has done so far in this process, in numbers of one moment.

        Calls, attempts, errors by their name, unknown fates, connections, waits for limits, and how long attempts took.
        The client always counts them.
        """
        return self._open()[1].stats()

    def __repr__(self) -> str:
        state = "" if getattr(self, "_native", None) else " (closed)"
        named = ", ".join(map(repr, getattr(self, "_named", (None,))))
        return f"{{ name }}({named}){state}"

    def _update_log_level(self, access: NativeAccess) -> int:
        """Tells the library which lines the application's log wants at the moment, and returns that."""
        wanted = _logs.wanted()
        if wanted != self._listening:
            access.listen_to(wanted)
            self._listening = wanted
        return wanted

    def _open(self) -> tuple[{{ client.native() }}, NativeAccess]:
        if self._native is None:
            raise RuntimeError("this {{ name }} is closed: make a new one")
        return self._native
