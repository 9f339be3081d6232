"""A stream in Kafka: consumer groups share a topic's partitions, and a channel's records lie in one of them."""
