"""From a tree of parts to what a person reads: text, safe HTML, files, and the reply without its quotes."""
