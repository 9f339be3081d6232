"""From a message accepted to its verdict recorded: queue, consumer, and the processes that detect."""
