"""Raw files: their contracts, their readers, and their synthetic stand-ins."""
