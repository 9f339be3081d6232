"""The record of what people did, for auditors."""
