"""Reading bytes as mail, by our own rules: charsets, header words, parameters, addresses, structure.

Everything here takes any bytes and returns something; what was odd is said in notes, never raised.
"""
