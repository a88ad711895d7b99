"""The online feature store: one state per entity, embedded in SQLite or on a Redis server."""
