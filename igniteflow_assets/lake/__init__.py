"""Maintenance of the lake: compaction, deletion of old files, and restore of tables."""
