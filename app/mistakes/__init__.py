"""What was held against an asset by mistake: remembered, listed, taken back."""
