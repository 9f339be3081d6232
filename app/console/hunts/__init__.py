"""Whether an asset was seen before it was registered: asked on its page, with a bar that grows."""
