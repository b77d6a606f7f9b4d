"""What a mail means: who, when, in answer to what, by a person or a machine."""
