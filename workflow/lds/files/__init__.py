"""Files as their publishers ship them: any format, compression and encoding, as tables of text."""
