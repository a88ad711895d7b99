"""The online feature store: one state an entity, embedded in SQLite or on a Redis server."""
