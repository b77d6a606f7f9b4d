"""The version of this contract, which is not the version of the product.

A new hook or an optional argument raises the minor number; a removal or a renaming raises the major one,
after two minor versions with a warning. 1.0 is reserved until three connectors of different shapes stand on
the contract.
"""

API_VERSION = "0.14"
