"""The whole platform in one process under virtual time: seeds, faults, crashes, and the invariants that must hold."""
