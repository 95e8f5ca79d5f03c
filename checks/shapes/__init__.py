"""The shape of what systems answer: which fields, of which kinds, how long, how often empty. Pure.

Values are never kept, only what they look like.
"""
