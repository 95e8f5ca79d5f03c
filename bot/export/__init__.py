"""What leaves as files and feeds: the same tables for all of them, each a view of the database."""
