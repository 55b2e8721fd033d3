"""What lives on a cluster -> declarations that say so, as a person would write them. Values in, values out.

The checks decide what an entry must say and which topic is left out: they run over the candidates before a byte is
written.
"""
