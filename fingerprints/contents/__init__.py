"""A file becomes its pictures and texts, inside hard limits; whatever could not be opened is named, never passed over.

The kind of file is told by its bytes: a text called ``.jpg`` is still a text and is still inspected. Pictures are decoded when
somebody asks for them, because most files are settled by something cheaper. What a file contains is opened as it would be if it
had been sent alone, so that its parts bear the same digests.
"""
