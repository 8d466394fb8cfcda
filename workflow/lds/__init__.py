"""Local Data Spaces: from raw files to disclosure-checked profiles of English districts."""
