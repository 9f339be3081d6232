"""What a lower bar would show: asked on the page of numbers, with a bar that grows."""
