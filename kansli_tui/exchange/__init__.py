"""Messages and files in and out: bytes to values and back. Knows no database and no screen."""
