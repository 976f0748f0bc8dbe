"""What other tools load to send messages: a handler for `logging`, and a plugin for Apprise."""
